/**
 * What a person has typed and not sent, by user and conversation. A draft survives a reload, a browser crash, being
 * offline and the end of a sign-in.
 */
import { newId } from "../lib/ids";
import { readText, storedNames, writeText } from "../lib/storage";
import { newlySent } from "./outbox";

/** Stands for a conversation that does not exist yet. */
export const NEW_CHAT = "new";

/** The name of a conversation's draft. A tab whose text would replace another tab's takes a longer name of its own. */
const name = (userId: string, conversationId: string): string => `draft:${userId}:${conversationId}`;

const read = (name: string): string => readText(name) ?? "";
const write = (name: string, text: string): void => writeText(name, text || null);

export const readDraft = (userId: string, conversationId: string): string => read(name(userId, conversationId));

export function writeDraft(userId: string, conversationId: string, text: string): void {
  write(name(userId, conversationId), text);
}

/** A text that is stored for a conversation. */
export interface Draft {
  name: string;
  text: string;
}

function draftsOf(shared: string): Draft[] {
  const names = [shared, ...storedNames(`${shared}:`)];
  return names.map((name) => ({ name, text: read(name) })).filter(({ text }) => text.trim());
}

/** The name that this tab last used, which a reload finds again. */
function ownName(shared: string): string | null {
  try {
    return sessionStorage.getItem(shared);
  } catch {
    return null;
  }
}

function keepOwnName(shared: string, own: string): void {
  try {
    sessionStorage.setItem(shared, own);
  } catch {
    // After a reload this tab offers its text instead of showing it.
  }
}

/** Two texts as two paragraphs. */
export const joined = (text: string, more: string): string => (text.trim() ? `${text.trimEnd()}\n\n${more}` : more);

const PAUSE = 150; // ms without a key: storing 100,000 characters at every key would be felt

/** Stores what is written in one tab: when the typing pauses, and at once with `flush`. It replaces no other tab's text. */
export class DraftWriter {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private unwritten: string | null = null;
  private name!: string;
  /** What this tab has last read or written under its name. Anything else there is another tab's. */
  private known!: string;

  constructor(
    private readonly userId: string,
    private conversationId: string,
    /** Called when another tab's text has been found where this tab's would have been stored. */
    private readonly onOther = (): void => undefined,
  ) {
    this.open();
  }

  private get shared(): string {
    return name(this.userId, this.conversationId);
  }

  /** Goes on with what this tab had, else with the text that another tab has or had. */
  private open(): void {
    const drafts = draftsOf(this.shared);
    const own = ownName(this.shared);
    this.name = (drafts.find(({ name }) => name === own) ?? drafts[0])?.name ?? this.shared;
    this.known = read(this.name);
  }

  /** The stored text. */
  get text(): string {
    return this.known;
  }

  /** What other tabs have or had for this conversation and `shown` does not begin with. */
  others(shown: string): Draft[] {
    return draftsOf(this.shared).filter(({ name, text }) => name !== this.name && !shown.startsWith(text));
  }

  typed(text: string): void {
    this.unwritten = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), PAUSE);
  }

  flush(): void {
    clearTimeout(this.timer);
    if (this.unwritten !== null) this.write(this.unwritten);
    this.unwritten = null;
  }

  /** Whether another tab has sent this text. Kept here, it would be sent twice. */
  sentElsewhere(event: StorageEvent, shown: string): boolean {
    const sent = newlySent(event, this.userId);
    if (sent?.conversationId !== this.conversationId || sent.content !== shown) return false;
    this.typed("");
    this.flush();
    return true;
  }

  /** Stores what is shown when the person leaves the tab or returns to it. Returns what is to be shown then: another tab may have added to it. */
  save(shown: string): string {
    this.flush();
    const stored = read(this.name);
    if (stored.startsWith(shown)) this.known = stored;
    else this.write(shown);
    return this.known;
  }

  /** The new chat became a conversation: what was typed meanwhile moves along. */
  moveTo(conversationId: string, shown: string): void {
    if (conversationId === this.conversationId) return;
    const text = this.save(shown);
    this.write("");
    this.conversationId = conversationId;
    this.open();
    if (!text) return;
    this.known = ""; // whatever is there is another tab's
    this.write(text);
  }

  private write(text: string): void {
    const stored = read(this.name);
    if (stored && stored !== this.known && !text.startsWith(stored)) {
      this.name = `${this.shared}:${newId()}`;
      keepOwnName(this.shared, this.name);
      this.onOther();
    }
    this.known = text;
    write(this.name, text);
  }
}
