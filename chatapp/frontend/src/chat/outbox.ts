/**
 * Messages that a person has sent and the server has not yet acknowledged. They are stored before
 * the first attempt, so that neither a reload nor a crash loses them, and each keeps the id it was
 * made with: however often it is sent, the server takes it once.
 */
import { createStore, type Store } from "../app/store";
import { namesOf, PREFIX, readJson, writeJson } from "../app/storage";

export type SendingState =
  | "sending"
  /** The network is away; sent by itself as soon as it is back. */
  | "waiting"
  /** Refused, or given up: sent again when the person says so. */
  | "failed";

export interface Unsent {
  /** The message's id, a UUID: the idempotency key. */
  id: string;
  /** A conversation's id, or `NEW_CHAT` where there is none yet. */
  conversationId: string;
  content: string;
  createdAt: string;
  model: string | null;
  state: SendingState;
  /** Why it failed, for a person. */
  reason: string | null;
}

/** The message that another tab has just begun to send, if that is what `event` tells. */
export function newlySent({ key, oldValue, newValue }: StorageEvent, userId: string): Unsent | null {
  const added = key?.startsWith(`${PREFIX}outbox:${userId}:`) && oldValue === null && newValue !== null;
  return added ? (JSON.parse(newValue) as Unsent) : null;
}

export class Outbox {
  readonly store: Store<readonly Unsent[]>;
  /** What is kept of each message has a name of its own: two tabs that write at once take nothing from each other. */
  private readonly prefix: string;

  constructor(userId: string, ended?: AbortSignal) {
    this.prefix = `outbox:${userId}:`;
    // Whatever was under way when the page was left is taken up again.
    const kept = namesOf(this.prefix).flatMap((name) => readJson<Unsent>(name) ?? []);
    kept.sort((one, other) => one.createdAt.localeCompare(other.createdAt));
    this.store = createStore<readonly Unsent[]>(
      kept.map((unsent) => (unsent.state === "sending" ? { ...unsent, state: "waiting" } : unsent)),
    );
    addEventListener("storage", (event) => this.heard(event), { signal: ended });
  }

  get(id: string): Unsent | undefined {
    return this.store.get().find((unsent) => unsent.id === id);
  }

  add(unsent: Unsent): void {
    this.show(unsent);
    writeJson(this.prefix + unsent.id, unsent);
  }

  change(id: string, change: Partial<Unsent>): void {
    const known = this.get(id);
    if (known) this.add({ ...known, ...change });
  }

  /** These are stored, whatever became of the answer that would have said so. */
  acknowledge(ids: readonly string[]): void {
    for (const id of ids) if (this.get(id)) this.remove(id);
  }

  remove(id: string): void {
    this.store.set(this.store.get().filter((unsent) => unsent.id !== id));
    writeJson(this.prefix + id, null);
  }

  private show(unsent: Unsent): void {
    const list = this.store.get();
    const at = list.findIndex((known) => known.id === unsent.id);
    this.store.set(at < 0 ? [...list, unsent] : list.with(at, unsent));
  }

  /** Another tab's word. */
  private heard({ key, newValue }: StorageEvent): void {
    if (!key?.startsWith(PREFIX + this.prefix)) return;
    if (newValue === null) this.remove(key.slice(PREFIX.length + this.prefix.length));
    else this.show(JSON.parse(newValue) as Unsent);
  }
}
