/**
 * Messages that a person has sent and the server has not acknowledged yet. They are stored before the first attempt,
 * so that neither a reload nor a crash loses them. Each keeps its id: however often it is sent, the server stores it
 * once.
 */
import type { Refusal } from "../api/errors";
import { parseJson, PREFIX, readText, storedNames, writeJson } from "../lib/storage";
import { createStore, type Store } from "../lib/store";

export type SendingState =
  | "sending"
  /** The server cannot be reached; sent automatically as soon as it can. */
  | "waiting"
  /** Sent as soon as the answer before it has ended, and the messages before it are sent. */
  | "queued"
  /** Queued behind something that failed: sent when the person asks for it. */
  | "held"
  /** Refused: sent again when the person asks for it. */
  | "failed";

/** Whether it waits for the person, not for the server. */
export const isResting = ({ state }: Unsent): boolean => state === "failed" || state === "held";

export interface Unsent {
  /** The message's id, a UUID: the idempotency key. */
  id: string;
  /** The conversation's id, or `NEW_CHAT` where there is none yet. */
  conversationId: string;
  content: string;
  createdAt: string;
  model: string | null;
  /** The message that this one is an edit of: it takes its place, beside it. */
  editOf: string | null;
  state: SendingState;
  /** It begins a temporary chat. */
  temporary?: boolean;
  /** The project of the chat that it begins. */
  projectId?: string | null;
  /** Why the server refused it. */
  refusal: Refusal | null;
}

const STATES: readonly unknown[] = ["sending", "waiting", "queued", "held", "failed"] satisfies SendingState[];

/** What an entry holds, or null where it is not one of ours: another release may have stored another shape. */
function unsentFrom(text: string | null): Unsent | null {
  const entry = parseJson(text) as Partial<Record<keyof Unsent, unknown>> | null;
  const { id, conversationId, content, createdAt, state, model, editOf, projectId, refusal } = entry ?? {};
  const whole = [id, conversationId, content, createdAt].every((field) => typeof field === "string") && STATES.includes(state);
  if (!whole) return null;
  return { ...(entry as Unsent), model: textOrNull(model), editOf: textOrNull(editOf), projectId: textOrNull(projectId), refusal: isRefusal(refusal) ? refusal : null };
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);
const isRefusal = (value: unknown): value is Refusal => Array.isArray((value as Partial<Refusal> | null | undefined)?.faults);

const byTime = (a: Unsent, b: Unsent): number => a.createdAt.localeCompare(b.createdAt);

/** The message that another tab has just started to send, if `event` reports one. */
export function newlySent({ key, oldValue, newValue }: StorageEvent, userId: string): Unsent | null {
  const added = key?.startsWith(`${PREFIX}outbox:${userId}:`) && oldValue === null && newValue !== null;
  return added ? unsentFrom(newValue) : null;
}

export class Outbox {
  readonly store: Store<readonly Unsent[]>;
  /** Each message has an entry of its own, so that two tabs that write at once do not overwrite each other. */
  private readonly prefix: string;

  constructor(userId: string, ended?: AbortSignal) {
    this.prefix = `outbox:${userId}:`;
    const stored = storedNames(this.prefix).flatMap((name) => unsentFrom(readText(name)) ?? []);
    stored.sort(byTime);
    this.store = createStore<readonly Unsent[]>(
      // What was being sent when the page was left is sent again.
      stored.map((unsent) => (unsent.state === "sending" ? { ...unsent, state: "waiting" } : unsent)),
    );
    addEventListener("storage", (event) => this.changedElsewhere(event), { signal: ended });
  }

  get(id: string): Unsent | undefined {
    return this.store.get().find((unsent) => unsent.id === id);
  }

  /** Those of a conversation that have not failed, in the order in which they are sent. */
  line(conversationId: string): readonly Unsent[] {
    return this.store.get().filter((unsent) => unsent.conversationId === conversationId && unsent.state !== "failed");
  }

  add(unsent: Unsent): void {
    this.show(unsent);
    writeJson(this.prefix + unsent.id, unsent);
  }

  change(id: string, change: Partial<Unsent>): void {
    const known = this.get(id);
    if (known) this.add({ ...known, ...change });
  }

  /** The server has stored these messages, even where the response that would have said so was lost. */
  acknowledge(ids: readonly string[]): void {
    for (const id of ids) if (this.get(id)) this.remove(id);
  }

  /** Gives a message another id, in its place: a message that the server has never seen. */
  renew(id: string, newId: string): void {
    const known = this.get(id);
    if (!known) return;
    this.store.set(this.store.get().map((unsent) => (unsent === known ? { ...known, id: newId } : unsent)));
    writeJson(this.prefix + newId, { ...known, id: newId });
    writeJson(this.prefix + id, null);
  }

  remove(id: string): void {
    this.store.set(this.store.get().filter((unsent) => unsent.id !== id));
    writeJson(this.prefix + id, null);
  }

  private show(unsent: Unsent): void {
    const list = this.store.get();
    const known = list.some(({ id }) => id === unsent.id);
    // Another tab's may be older than those that are shown.
    this.store.set(known ? list.map((other) => (other.id === unsent.id ? unsent : other)) : [...list, unsent].sort(byTime));
  }

  private changedElsewhere({ key, newValue }: StorageEvent): void {
    if (!key?.startsWith(PREFIX + this.prefix)) return;
    if (newValue === null) return this.remove(key.slice(PREFIX.length + this.prefix.length));
    const unsent = unsentFrom(newValue);
    if (unsent) this.show(unsent);
  }
}
