/**
 * Delivers messages: each is tried until the server has stored it or has refused it. One that is written while an
 * answer is, or while another message waits, is queued: it is sent when the answer before it has ended.
 */
import { putEmptyHistory } from "../api/cache";
import { ApiError, isGone, isPassing } from "../api/errors";
import { messagesQuery } from "../api/queries";
import { signIn } from "../api/signIn";
import type { Conversation } from "../api/types";
import { newId } from "../lib/ids";
import { anyOf, backoff, pause, pauseOrOnline, withLock } from "../lib/waiting";
import { NEW_CHAT } from "./drafts";
import type { Following } from "./following";
import { NewChats } from "./newChats";
import { isResting, type Unsent } from "./outbox";
import type { TurnState } from "./turnState";

/** What a new chat starts with, in a project or in none; null leaves the choice to the project, or else to the server. */
export type Defaults = (projectId: string | null) => Promise<Pick<Conversation, "model" | "systemPrompt">>;

interface SeenModel {
  chosen: string | null;
  shown: string | null;
}

const SETTLE = 1000; // ms for other tabs to report what they did, before this one takes over a message

export class Delivery {
  readonly newChats: NewChats;
  /** Messages that this tab is sending, with what breaks the request off. */
  private readonly sending = new Map<string, AbortController>();

  constructor(
    private readonly state: TurnState,
    private readonly following: Following,
    private readonly defaults: Defaults,
  ) {
    this.newChats = new NewChats(state.outbox);
  }

  /** Sends what an earlier page left unsent, and whatever another tab leaves unsent when it closes. */
  takeOver(): void {
    const { outbox, signal } = this.state;
    const deliverAll = (): void => {
      for (const unsent of outbox.store.get()) if (!isResting(unsent)) void this.deliver(unsent.id, SETTLE);
    };
    deliverAll();
    signal.addEventListener("abort", outbox.store.subscribe(deliverAll));
  }

  /**
   * `model` is the language model that the person has chosen just now, and the one that they see. `editOf` names the
   * message that this one is an edit of; `temporary` and `projectId` count for a new chat.
   */
  send(
    conversationId: string | null,
    content: string,
    model: SeenModel = { chosen: null, shown: null },
    { editOf = null, temporary = false, projectId }: { editOf?: string | null; temporary?: boolean; projectId?: string } = {},
  ): void {
    const id = newId();
    const place = conversationId ?? NEW_CHAT;
    const { answers, outbox } = this.state;
    const queued = answers.get(place) !== undefined || outbox.line(place).length > 0;
    if (conversationId === null && !queued) this.newChats.expect(id);
    void this.deliver(id); // before the outbox tells anybody, so that this tab sends it and no other
    outbox.add({
      id,
      conversationId: place,
      content,
      createdAt: new Date().toISOString(),
      model: queued ? model.shown : model.chosen, // whatever is chosen until its turn comes
      editOf,
      state: queued ? "queued" : "sending",
      refusal: null,
      ...(temporary && conversationId === null ? { temporary } : {}),
      ...(projectId && conversationId === null ? { projectId } : {}),
    });
  }

  /** Sends a failed or held message, under the same id. What was held because of it follows. */
  retry(id: string): void {
    const { outbox } = this.state;
    void this.deliver(id);
    outbox.change(id, { state: "sending", refusal: null });
    const held = outbox.line(outbox.get(id)?.conversationId ?? "").find(({ state }) => state === "held");
    if (held) outbox.change(held.id, { state: "queued" });
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
      await withLock(`send:${id}`, signal, async () => {
        await pause(settle);
        const unsent = outbox.get(id);
        if (unsent && isResting(unsent)) return;
        for (let attempt = 0; outbox.get(id) && !signal.aborted; attempt += 1) {
          if (await this.attempt(id, attempt)) return;
        }
      });
    } finally {
      this.sending.delete(id);
    }
  }

  /** One attempt. Returns whether it was the last: the message is sent, taken back, held or refused. */
  private async attempt(id: string, attempt: number): Promise<boolean> {
    const { outbox, signal } = this.state;
    try {
      const queued = outbox.get(id)?.state === "queued";
      if (queued && !(await this.turnOf(id))) return true;
      outbox.change(id, { state: attempt > 0 && !queued ? "waiting" : "sending", refusal: null });
      const { conversationId, content, model, editOf } = await this.placed(outbox.get(id)!);
      if (!outbox.get(id) || signal.aborted) return true; // taken back meanwhile
      const body = { content, id, ...(model ? { model } : {}), ...(editOf ? { editOf } : {}) };
      await this.following.request(conversationId, "message/stream", body, this.sending.get(id)?.signal);
      return true;
    } catch (error) {
      if (!outbox.get(id) || signal.aborted) return true; // it was stored; what failed later is shown with the answer
      return this.handle(error, id, attempt);
    }
  }

  /** Waits for the turn of a queued message. False where it is not to be sent: it was taken back, or what is before it failed. */
  private async turnOf(id: string): Promise<boolean> {
    const { outbox, answers, queries, signal } = this.state;
    for (;;) {
      const unsent = outbox.get(id);
      if (unsent?.state !== "queued" || signal.aborted) return false;
      const { conversationId } = unsent;
      if (outbox.line(conversationId)[0]?.id === id && !answers.get(conversationId)) {
        if (conversationId === NEW_CHAT) return true;
        const last = (await queries.fetchQuery(messagesQuery(conversationId))).items.at(-1);
        if (last?.status === "streaming") this.following.follow(last);
        else if (last?.status === "error" || last?.status === "interrupted") this.hold(conversationId);
        if (outbox.get(id)?.state === "queued" && !answers.get(conversationId)) return !signal.aborted;
      } else {
        await anyOf(signal, outbox.store.subscribe, (listener) => answers.subscribe(conversationId, listener));
      }
    }
  }

  /** Something failed: what is queued next waits for the person, so that failures never follow each other by themselves. */
  private hold(conversationId: string, change: Partial<Unsent> = {}): void {
    const { outbox } = this.state;
    const [next, ...later] = outbox.line(conversationId).filter(({ state }) => state === "queued");
    for (const { id } of later) outbox.change(id, change);
    if (next) outbox.change(next.id, { ...change, state: "held" });
  }

  /** Waits where the trouble may pass, and keeps the message as failed where it will not. Returns whether it failed. */
  private async handle(error: unknown, id: string, attempt: number): Promise<boolean> {
    const { outbox, answers, signal } = this.state;
    const { conversationId, state } = outbox.get(id)!;
    const refusal = error instanceof ApiError ? error.refusal : null;
    const taken = refusal?.reason === "turn_in_progress"; // by another tab or device
    if (taken || isPassing(error) || refusal?.status === 401) {
      outbox.change(id, { state: taken || state === "queued" ? "queued" : "waiting" });
      if (taken) await this.following.refresh(conversationId).catch(() => undefined);
      if (refusal?.status === 401) await signIn.whenValid();
      else if (!answers.get(conversationId)) await pauseOrOnline(backoff(attempt), signal);
      return false;
    }
    const moved = isGone(error) ? { conversationId: NEW_CHAT, editOf: null, projectId: null } : {}; // else nobody would find the message again
    outbox.change(id, { state: "failed", refusal, ...moved });
    this.hold(conversationId, moved);
    if (isGone(error)) outbox.renew(id, newId()); // its id could only begin the conversation that is gone
    if (refusal?.status === 409) await this.following.refresh(conversationId);
    return true;
  }

  /** The message with a conversation to send it to: a new chat becomes one with its first message. */
  private async placed(unsent: Unsent): Promise<Unsent> {
    if (unsent.conversationId !== NEW_CHAT) return unsent;
    const { sessions, queries, outbox } = this.state;
    const { projectId = null } = unsent;
    const { model, systemPrompt } = await this.defaults(projectId);
    const chosen = unsent.model ?? model;
    const conversationId = await sessions.startNew({
      idempotencyKey: unsent.id, // one conversation, however often and in however many tabs this is tried
      ...(chosen ? { model: chosen } : {}),
      ...(systemPrompt ? { systemPrompt } : {}),
      ...(unsent.temporary === true ? { temporary: true } : {}),
      ...(projectId ? { projectId } : {}),
    });
    putEmptyHistory(queries, conversationId);
    this.newChats.expect(unsent.id);
    // Those behind it first: left alone, they would start a conversation of their own.
    for (const { id, state } of outbox.line(NEW_CHAT)) if (state === "queued" || state === "held") outbox.change(id, { conversationId });
    outbox.change(unsent.id, { conversationId });
    return { ...unsent, conversationId };
  }
}
