/**
 * What a person has typed and not sent, by user and conversation. A draft survives a reload, a browser crash, being
 * offline and the end of a sign-in.
 */
import { PREFIX, readText, writeText } from "../lib/storage";
import { newlySent } from "./outbox";

/** Stands for a conversation that does not exist yet. */
export const NEW_CHAT = "new";

const name = (userId: string, conversationId: string): string => `draft:${userId}:${conversationId}`;

export const readDraft = (userId: string, conversationId: string): string =>
  readText(name(userId, conversationId)) ?? "";

export function writeDraft(userId: string, conversationId: string, text: string): void {
  writeText(name(userId, conversationId), text || null);
}

/** Two texts as two paragraphs. */
export const joined = (text: string, more: string): string => (text.trim() ? `${text.trimEnd()}\n\n${more}` : more);

const PAUSE = 150; // ms without a key: storing 100,000 characters at every key would be felt

/** Stores a draft when the typing pauses, and at once with `flush`. */
export class DraftWriter {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unwritten: string | null = null;
  /** What this tab shows, where another tab has stored something else since. */
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

  /** Another tab changed a draft. What is shown here must not be lost by that. */
  changedElsewhere({ key, newValue }: StorageEvent, shown: string): void {
    if (key === PREFIX + name(this.userId, this.conversationId) && shown && newValue !== shown) this.overwritten = shown;
  }

  /** Whether another tab has sent this text. Kept here, it would be sent twice. */
  sentElsewhere(event: StorageEvent, shown: string): boolean {
    const sent = newlySent(event, this.userId);
    if (sent?.conversationId !== this.conversationId || sent.content !== shown) return false;
    clearTimeout(this.timer);
    this.unwritten = this.overwritten = null;
    return true;
  }

  /** Stores what is shown here, when the person leaves the tab or returns to it. Returns what is stored then. */
  save(): string {
    this.flush();
    const stored = readDraft(this.userId, this.conversationId);
    const lost = this.overwritten !== null && !stored.startsWith(this.overwritten); // else the other tab only added to it
    if (lost) this.write(this.overwritten!);
    this.overwritten = null;
    return lost ? readDraft(this.userId, this.conversationId) : stored;
  }

  /** The new chat became a conversation: what was typed meanwhile moves along. */
  moveTo(conversationId: string): void {
    if (conversationId === this.conversationId) return;
    const text = this.save();
    this.write("");
    this.conversationId = conversationId;
    this.write(text);
  }

  private write(text: string): void {
    writeDraft(this.userId, this.conversationId, text);
  }
}
