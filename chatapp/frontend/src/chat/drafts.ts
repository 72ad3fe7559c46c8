/**
 * What a person has typed and not sent, for each conversation. It outlives a reload, a crash of the
 * browser, being offline and a sign-in that ends. Drafts are kept apart by user.
 */
import { PREFIX, readText, writeText } from "../app/storage";
import { newlySent } from "./outbox";

/** Where the text of a conversation that does not exist yet is kept. */
export const NEW_CHAT = "new";

const name = (userId: string, conversationId: string): string => `draft:${userId}:${conversationId}`;

export const readDraft = (userId: string, conversationId: string): string =>
  readText(name(userId, conversationId)) ?? "";

export function writeDraft(userId: string, conversationId: string, text: string): void {
  writeText(name(userId, conversationId), text || null);
}

/** Two texts under each other. */
export const joined = (text: string, more: string): string => (text.trim() ? `${text.trimEnd()}\n\n${more}` : more);

const PAUSE = 150; // ms without a key: writing 100,000 characters at every key would be felt

/** Writes a draft when the typing pauses, and at once with `flush`. */
export class DraftWriter {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unwritten: string | null = null;
  /** What this tab shows, where another tab has written something else since. */
  private overwritten: string | null = null;

  constructor(
    private readonly userId: string,
    private conversationId: string,
  ) {}

  typed(text: string): void {
    this.unwritten = text;
    this.overwritten = null;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE);
  }

  flush(): void {
    clearTimeout(this.timer);
    if (this.unwritten === null) return;
    this.write(this.unwritten);
    this.unwritten = null;
  }

  /** Another tab's word about a draft. What is shown here must not be lost by it. */
  heard({ key, newValue }: StorageEvent, shown: string): void {
    if (key === PREFIX + name(this.userId, this.conversationId) && shown && newValue !== shown) this.overwritten = shown;
  }

  /** Whether another tab has taken this text over and sent it. Kept here, it would be sent a second time. */
  sentElsewhere(event: StorageEvent, shown: string): boolean {
    const sent = newlySent(event, this.userId);
    if (sent?.conversationId !== this.conversationId || sent.content !== shown) return false;
    clearTimeout(this.timer);
    this.unwritten = this.overwritten = null;
    return true;
  }

  /** The person turns away, or comes back: everything that is shown here is written. Returns what is kept then. */
  leave(): string {
    this.flush();
    const kept = readDraft(this.userId, this.conversationId);
    const lost = this.overwritten !== null && !kept.startsWith(this.overwritten); // else it was only written on
    if (lost) this.write(this.overwritten!);
    this.overwritten = null;
    return lost ? readDraft(this.userId, this.conversationId) : kept;
  }

  /** The new chat has become a conversation: what was typed meanwhile goes along. */
  moveTo(conversationId: string): void {
    if (conversationId === this.conversationId) return;
    const text = this.leave();
    this.write("");
    this.conversationId = conversationId;
    this.write(text);
  }

  private write(text: string): void {
    writeDraft(this.userId, this.conversationId, text);
  }
}
