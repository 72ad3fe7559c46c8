/**
 * Sends messages and follows answers. A turn belongs to the page, not to a component: it goes on
 * while another conversation is shown, and what is lost on the way is taken up again.
 */
import type { QueryClient } from "@tanstack/react-query";
import { createStore } from "../app/store";
import { newId } from "../app/ids";
import { alone, backoff, pause, pauseOrOnline } from "../app/waiting";
import { signIn } from "../auth/signIn";
import { reach } from "../api/client";
import { ApiError, errorFrom, isGone, isPassing, Unreachable } from "../api/errors";
import { changeConversation, putEmptyHistory, putMessage, refreshConversation, refreshMessages } from "../api/queries";
import { answerEvents, type AnswerEvent } from "../api/sse";
import type { Message } from "../api/types";
import { en } from "../i18n/en";
import { Answers } from "./answers";
import { NEW_CHAT } from "./drafts";
import { Outbox, type Unsent } from "./outbox";
import { Sessions } from "./sessions";

export interface NewChat {
  model: string | null;
  systemPrompt: string | null;
}

const SETTLE = 500; // ms in which other tabs hear what one has done: only then a message is taken over

export class Turns {
  readonly answers = new Answers();
  readonly sessions = new Sessions();
  readonly outbox: Outbox;
  /** The conversation that the last new chat of this tab has become, whichever tab began it. */
  readonly started = createStore<string | null>(null);
  /** What a reader should hear of: an answer has begun or ended. */
  readonly news = createStore<{ conversationId: string; message: Message } | null>(null);
  /** Messages that this tab is sending, and how to break that off. */
  private readonly busy = new Map<string, AbortController>();
  /** Messages that this tab begins a chat with. */
  private readonly first = new Set<string>();
  /** Answers that the server would not let this page follow: asking at once again would never end. */
  private readonly lost = new Set<string>();
  private readonly ending = new AbortController();

  constructor(
    userId: string,
    private readonly queries: QueryClient,
    private readonly defaults: () => NewChat,
  ) {
    this.outbox = new Outbox(userId, this.ending.signal);
    const lead = (): void => {
      for (const { id, conversationId } of this.outbox.store.get()) {
        if (conversationId !== NEW_CHAT && this.first.delete(id)) this.started.set(conversationId);
      }
    };
    for (const { id, conversationId } of this.outbox.store.get()) if (conversationId === NEW_CHAT) this.first.add(id);
    this.whenever(lead);
  }

  /** Takes up what an earlier page left unsent, and what another tab leaves unsent when it goes. */
  takeUp(): void {
    const waiting = (): void => {
      for (const { id, state } of this.outbox.store.get()) if (state !== "failed") void this.deliver(id, SETTLE);
    };
    waiting();
    this.whenever(waiting);
  }

  /** Does this at every change of what is unsent, until the person has gone. */
  private whenever(changed: () => void): void {
    this.ending.signal.addEventListener("abort", this.outbox.store.subscribe(changed));
  }

  /** The person has gone: nothing is sent or heard in their name any more. What waits is kept for their return. */
  dispose(): void {
    this.ending.abort();
  }

  private get disposed(): boolean {
    return this.ending.signal.aborted;
  }

  send(conversationId: string | null, content: string, model: string | null): void {
    const id = newId();
    const createdAt = new Date().toISOString();
    const place = conversationId ?? NEW_CHAT;
    if (place === NEW_CHAT) this.first.add(id);
    void this.deliver(id); // this tab sends it, not another that hears of it
    this.outbox.add({ id, conversationId: place, content, createdAt, model, state: "sending", reason: null });
  }

  /** Sends again what failed, with the id it has. */
  retry(id: string): void {
    void this.deliver(id);
  }

  /** Takes back what is not sent yet. A request that is under way is broken off; what has arrived by then is sent. */
  takeBack(id: string): void {
    this.busy.get(id)?.abort();
    this.outbox.remove(id);
  }

  async regenerate(conversationId: string, messageId: string): Promise<void> {
    await this.turn(conversationId, "regenerate", { messageId });
    await refreshMessages(this.queries, conversationId); // the answers beside it are numbered now
  }

  async continue(conversationId: string, messageId: string): Promise<void> {
    await this.turn(conversationId, "continue", { messageId });
  }

  async stop(conversationId: string): Promise<void> {
    this.answers.change(conversationId, { stopping: true });
    try {
      const response = await this.sessions.call(conversationId, (session) =>
        reach(new Request(`/api/chat/${session}/stop`, { method: "POST" })),
      );
      if (!response.ok) throw errorFrom(response, await response.json().catch(() => null));
    } catch (error) {
      this.answers.change(conversationId, { stopping: false });
      throw error;
    }
  }

  /** Shows an answer that the server is writing, from where the page's text of it ends. */
  follow(message: Message): void {
    const { conversationId, id, content } = message;
    if (this.answers.get(conversationId) || this.lost.has(id)) return;
    this.answers.begin(conversationId, id, content);
    void this.resume(conversationId);
  }

  /** Sends a message until it is sent. `settle`: it is another's, and taken over where nobody else sends it. */
  private async deliver(id: string, settle = 0): Promise<void> {
    if (this.busy.has(id)) return;
    this.busy.set(id, new AbortController());
    try {
      await pause(settle);
      await alone(`send:${id}`, this.ending.signal, async () => {
        await pause(settle);
        if (settle && this.outbox.get(id)?.state === "failed") return;
        for (let attempt = 0; this.outbox.get(id) && !this.disposed; attempt += 1) {
          if (await this.attempt(id, attempt)) return;
        }
      });
    } finally {
      this.busy.delete(id);
    }
  }

  /** One attempt to send. Returns whether it is over: sent, or failed for good. */
  private async attempt(id: string, attempt: number): Promise<boolean> {
    this.outbox.change(id, { state: attempt > 0 ? "waiting" : "sending", reason: null });
    try {
      const unsent = await this.placed(this.outbox.get(id)!);
      if (!this.outbox.get(id) || this.disposed) return true; // discarded meanwhile
      await this.turn(unsent.conversationId, "message", { content: unsent.content, id }, this.busy.get(id)?.signal);
      return true;
    } catch (error) {
      if (!this.outbox.get(id) || this.disposed) return true; // it was taken; what came after is shown with the answer
      return this.failed(id, error, attempt);
    }
  }

  private async failed(id: string, error: unknown, attempt: number): Promise<boolean> {
    if (error instanceof ApiError && error.status === 401) {
      this.outbox.change(id, { state: "waiting" });
      await signIn.whenBack();
      return false;
    }
    if (isPassing(error)) {
      this.outbox.change(id, { state: "waiting" });
      await pauseOrOnline(backoff(attempt), this.ending.signal);
      return false;
    }
    this.outbox.change(id, { state: "failed", reason: sentence(error) });
    if (isGone(error)) this.outbox.change(id, { conversationId: NEW_CHAT }); // else nobody would find it again
    const place = this.outbox.get(id)?.conversationId;
    if (error instanceof ApiError && error.status === 409 && place) await this.refresh(place);
    return true;
  }

  /** The message with a conversation to be sent to: a new chat becomes one at its first message. */
  private async placed(unsent: Unsent): Promise<Unsent> {
    if (unsent.conversationId !== NEW_CHAT) return unsent;
    const { model, systemPrompt } = this.defaults();
    const chosen = unsent.model ?? model;
    const conversationId = await this.sessions.startNew({
      idempotencyKey: unsent.id, // however often it is tried, in however many tabs
      ...(chosen ? { model: chosen } : {}),
      ...(systemPrompt ? { systemPrompt } : {}),
    });
    putEmptyHistory(this.queries, conversationId);
    this.first.add(unsent.id);
    this.outbox.change(unsent.id, { conversationId });
    return { ...unsent, conversationId };
  }

  /** Asks for an answer and follows it to its end. */
  private async turn(conversationId: string, action: string, body: object, taken = this.ending.signal): Promise<void> {
    const response = await this.sessions.call(conversationId, (session) =>
      reach(
        new Request(`/api/chat/${session}/${action}`, {
          method: "POST",
          headers: { "Content-Type": "application/json", Accept: "text/event-stream" },
          body: JSON.stringify(body),
          signal: AbortSignal.any([this.ending.signal, taken]),
        }),
      ),
    );
    const progress = await this.read(conversationId, response);
    if (progress === "nothing") throw new Unreachable();
    if (progress === "begun") await this.resume(conversationId);
  }

  /** Joins the answer again and again until it has ended. */
  private async resume(conversationId: string): Promise<void> {
    const messageId = this.answers.get(conversationId)?.messageId;
    for (let attempt = 0; messageId !== undefined; attempt += 1) {
      if (this.answers.get(conversationId)?.messageId !== messageId || this.disposed) return;
      try {
        if (attempt > 0) await this.settle(conversationId, attempt);
        // This one may have ended for another, which is told from its `start` on.
        const place = `after=${this.answers.get(conversationId)?.text.length ?? 0}&messageId=${messageId}`;
        const response = await this.sessions.call(conversationId, (session) =>
          reach(new Request(`/api/chat/${session}/stream?${place}`, { headers: { Accept: "text/event-stream" }, signal: this.ending.signal })),
        );
        if (response.status === 204) await this.refresh(conversationId);
        else if ((await this.read(conversationId, response, messageId)) === "begun") attempt = 0;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) await signIn.whenBack();
        else if (!mayPass(error)) return this.lose(conversationId, messageId);
      }
    }
  }

  private lose(conversationId: string, messageId: string): void {
    this.lost.add(messageId);
    this.answers.end(conversationId);
  }

  private async settle(conversationId: string, attempt: number): Promise<void> {
    this.answers.change(conversationId, { reconnecting: true });
    await pauseOrOnline(backoff(attempt - 1), this.ending.signal);
  }

  /** Lays the stored state over the page's; an answer that is not being written any more has ended. */
  async refresh(conversationId: string): Promise<void> {
    const history = await refreshMessages(this.queries, conversationId);
    const last = history.items.at(-1);
    const running = this.answers.get(conversationId);
    if (last?.status === "streaming") {
      if (running && running.messageId !== last.id) this.answers.end(conversationId);
      this.follow(last);
    } else if (running) {
      this.answers.end(conversationId);
      changeConversation(this.queries, conversationId, { generation: null });
    }
  }

  /** Reads events until the connection ends: before anything came, in the middle, or at the answer's end. `wanted`: of no other. */
  private async read(conversationId: string, response: Response, wanted?: string): Promise<"nothing" | "begun" | "ended"> {
    if (!response.ok || !response.body) throw errorFrom(response, await response.json().catch(() => null));
    let progress: "nothing" | "begun" | "ended" = "nothing";
    let messageId = wanted;
    this.answers.change(conversationId, { reconnecting: false });
    try {
      for await (const event of answerEvents(response.body)) {
        if (event.type === "start" && wanted && event.assistantMessage.id !== wanted) {
          await this.refresh(conversationId);
          return "ended";
        }
        if (event.type === "start") messageId = event.assistantMessage.id;
        else if (this.answers.get(conversationId)?.messageId !== messageId) return "ended"; // known by another way
        this.take(conversationId, event);
        if (event.type === "end") progress = "ended";
        else if (progress === "nothing") progress = "begun";
      }
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof DOMException)) throw error; // else: cut off on the way
    }
    return progress;
  }

  private take(conversationId: string, event: AnswerEvent): void {
    if (event.type === "start") this.begun(conversationId, event.userMessage, event.assistantMessage);
    else if (event.type === "delta") this.answers.append(conversationId, event.text, event.end);
    else if (event.type === "title") changeConversation(this.queries, conversationId, { title: event.title });
    else this.ended(conversationId, event.assistantMessage);
  }

  private begun(conversationId: string, userMessage: Message | null, answer: Message): void {
    const running = this.answers.get(conversationId);
    const again = running?.messageId === answer.id;
    if (!again) this.answers.begin(conversationId, answer.id, answer.content);
    if (userMessage) putMessage(this.queries, userMessage);
    putMessage(this.queries, answer);
    if (userMessage) this.outbox.remove(userMessage.id);
    changeConversation(this.queries, conversationId, {
      generation: { messageId: answer.id, startedAt: answer.createdAt },
      updatedAt: answer.createdAt,
      activeMessageId: answer.id,
    });
    if (again) return;
    void refreshConversation(this.queries, conversationId).catch(() => undefined); // events will tell
    this.news.set({ conversationId, message: answer });
  }

  private ended(conversationId: string, answer: Message): void {
    putMessage(this.queries, answer);
    this.answers.end(conversationId);
    changeConversation(this.queries, conversationId, { generation: null, activeMessageId: answer.id });
    this.news.set({ conversationId, message: answer });
  }
}

/** An answer is being written meanwhile: unlike a message, it is asked for again whatever the server's trouble is. */
const mayPass = (error: unknown): boolean =>
  isPassing(error) || (error instanceof ApiError && (error.status === 429 || error.status >= 500));

function sentence(error: unknown): string {
  if (error instanceof ApiError && error.status >= 500) return en["error.server"];
  if (error instanceof ApiError) return Object.values(error.fields).flat()[0] ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
