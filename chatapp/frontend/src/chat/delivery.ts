/** Delivers messages: each is tried until the server has stored it or has refused it. */
import { putEmptyHistory } from "../api/cache";
import { ApiError, isGone, isPassing } from "../api/errors";
import { signIn } from "../api/signIn";
import { newId } from "../lib/ids";
import { backoff, pause, pauseOrOnline, withLock } from "../lib/waiting";
import { NEW_CHAT } from "./drafts";
import type { Following } from "./following";
import { NewChats } from "./newChats";
import type { Unsent } from "./outbox";
import type { TurnState } from "./turnState";

/** What a new chat starts with; null leaves the choice to the server. */
export interface ChatDefaults {
  model: string | null;
  systemPrompt: string | null;
}

const SETTLE = 500; // ms for other tabs to report what they did, before this one takes over a message

export class Delivery {
  readonly newChats: NewChats;
  /** Messages that this tab is sending, with what breaks the request off. */
  private readonly sending = new Map<string, AbortController>();

  constructor(
    private readonly state: TurnState,
    private readonly following: Following,
    private readonly defaults: () => ChatDefaults,
  ) {
    this.newChats = new NewChats(state.outbox, state.signal);
  }

  /** Sends what an earlier page left unsent, and whatever another tab leaves unsent when it closes. */
  takeOver(): void {
    const { outbox, signal } = this.state;
    const deliverAll = (): void => {
      for (const { id, state } of outbox.store.get()) if (state !== "failed") void this.deliver(id, SETTLE);
    };
    deliverAll();
    signal.addEventListener("abort", outbox.store.subscribe(deliverAll));
  }

  send(conversationId: string | null, content: string, model: string | null): void {
    const id = newId();
    const createdAt = new Date().toISOString();
    if (conversationId === null) this.newChats.expect(id);
    void this.deliver(id); // before the outbox tells anybody, so that this tab sends it and no other
    this.state.outbox.add({ id, conversationId: conversationId ?? NEW_CHAT, content, createdAt, model, state: "sending", refusal: null });
  }

  /** Sends a failed message again, under the same id. */
  retry(id: string): void {
    void this.deliver(id);
  }

  /** Takes back an unsent message. A request under way is broken off; if it has arrived by then, the message is sent. */
  takeBack(id: string): void {
    this.sending.get(id)?.abort();
    this.state.outbox.remove(id);
  }

  /** Tries until the message is sent or refused. With `settle` ms it belongs to another tab, and is sent where that tab is gone. */
  private async deliver(id: string, settle = 0): Promise<void> {
    const { outbox, signal } = this.state;
    if (this.sending.has(id)) return;
    this.sending.set(id, new AbortController());
    try {
      await pause(settle);
      await withLock(`send:${id}`, signal, async () => {
        await pause(settle);
        if (settle && outbox.get(id)?.state === "failed") return;
        for (let attempt = 0; outbox.get(id) && !signal.aborted; attempt += 1) {
          if (await this.attempt(id, attempt)) return;
        }
      });
    } finally {
      this.sending.delete(id);
    }
  }

  /** One attempt. Returns whether it was the last: the message is sent, taken back or refused. */
  private async attempt(id: string, attempt: number): Promise<boolean> {
    const { outbox, signal } = this.state;
    outbox.change(id, { state: attempt > 0 ? "waiting" : "sending", refusal: null });
    try {
      const { conversationId, content } = await this.placed(outbox.get(id)!);
      if (!outbox.get(id) || signal.aborted) return true; // taken back meanwhile
      await this.following.request(conversationId, "message/stream", { content, id }, this.sending.get(id)?.signal);
      return true;
    } catch (error) {
      if (!outbox.get(id) || signal.aborted) return true; // it was stored; what failed later is shown with the answer
      return this.handle(error, id, attempt);
    }
  }

  /** Waits where the trouble may pass, and keeps the message as failed where it will not. Returns whether it failed. */
  private async handle(error: unknown, id: string, attempt: number): Promise<boolean> {
    const { outbox, signal } = this.state;
    if (error instanceof ApiError && error.status === 401) {
      outbox.change(id, { state: "waiting" });
      await signIn.whenValid();
      return false;
    }
    if (isPassing(error)) {
      outbox.change(id, { state: "waiting" });
      await pauseOrOnline(backoff(attempt), signal);
      return false;
    }
    outbox.change(id, { state: "failed", refusal: error instanceof ApiError ? error.refusal : null });
    if (isGone(error)) outbox.change(id, { conversationId: NEW_CHAT }); // else nobody would find the message again
    const conversationId = outbox.get(id)?.conversationId;
    if (error instanceof ApiError && error.status === 409 && conversationId) await this.following.refresh(conversationId);
    return true;
  }

  /** The message with a conversation to send it to: a new chat becomes one with its first message. */
  private async placed(unsent: Unsent): Promise<Unsent> {
    if (unsent.conversationId !== NEW_CHAT) return unsent;
    const { sessions, queries, outbox } = this.state;
    const { model, systemPrompt } = this.defaults();
    const chosen = unsent.model ?? model;
    const conversationId = await sessions.startNew({
      idempotencyKey: unsent.id, // one conversation, however often and in however many tabs this is tried
      ...(chosen ? { model: chosen } : {}),
      ...(systemPrompt ? { systemPrompt } : {}),
    });
    putEmptyHistory(queries, conversationId);
    this.newChats.expect(unsent.id);
    outbox.change(unsent.id, { conversationId });
    return { ...unsent, conversationId };
  }
}
