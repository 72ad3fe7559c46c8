/** Follows answers until they end: reads their events, and reconnects when the connection breaks. */
import { answerEvents } from "../api/answerEvents";
import { changeConversation } from "../api/cache";
import { reach } from "../api/client";
import { config } from "../api/config";
import { ApiError, errorFrom, isPassing, Unreachable } from "../api/errors";
import { refreshMessages } from "../api/queries";
import { signIn } from "../api/signIn";
import type { Message } from "../api/types";
import { anySignal, backoff, pauseOrOnline } from "../lib/waiting";
import type { TurnState } from "./turnState";

/** How far a response got: no event arrived, some did, or the answer ended. */
type Progress = "nothing" | "started" | "ended";

export class Following {
  /** Answers that the server does not let this page follow: asking again at once would never end. */
  private readonly refused = new Set<string>();

  constructor(private readonly state: TurnState) {}

  /** Asks for an answer and follows it to its end. Throws where it did not start. `cancelled` breaks the request off. */
  async request(conversationId: string, action: string, body: object, cancelled = this.state.signal): Promise<void> {
    const response = await this.call(conversationId, action, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: anySignal(this.state.signal, cancelled),
    });
    const progress = await this.read(conversationId, response);
    if (progress === "nothing") throw new Unreachable();
    if (progress === "started") await this.resume(conversationId);
  }

  /** Has another answer written beside one; `null` leaves the model to the conversation. */
  async regenerate(conversationId: string, messageId: string, model: string | null = null): Promise<void> {
    await this.writeBeside(conversationId, "regenerate/stream", { messageId, ...(model ? { model } : {}) });
  }

  /** Has an answer that was cut off written to its end, as another version that begins with the same text. */
  async goOn(conversationId: string, messageId: string): Promise<void> {
    await this.writeBeside(conversationId, "continue/stream", { messageId });
  }

  private async writeBeside(conversationId: string, action: string, body: object): Promise<void> {
    await this.request(conversationId, action, body);
    await refreshMessages(this.state.queries, conversationId); // the sibling answers are numbered now
  }

  async stop(conversationId: string): Promise<void> {
    const { answers } = this.state;
    answers.change(conversationId, { stopping: true });
    try {
      const response = await this.call(conversationId, "stop", { method: "POST" });
      if (!response.ok) throw errorFrom(response, await response.json().catch(() => null));
    } catch (error) {
      answers.change(conversationId, { stopping: false });
      throw error;
    }
  }

  /** Shows an answer that the server is writing, from where the page's text of it ends. */
  follow(message: Message): void {
    const { conversationId, id, content, reasoning, createdAt } = message;
    const { answers } = this.state;
    if (answers.get(conversationId) || this.refused.has(id)) return;
    answers.begin(conversationId, id, content, reasoning ? Math.min(Date.now(), Date.parse(createdAt)) : null); // clocks differ
    void this.resume(conversationId);
  }

  /** Fetches the stored messages. An answer that is no longer being written has ended. */
  async refresh(conversationId: string): Promise<void> {
    const { answers, queries } = this.state;
    const last = (await refreshMessages(queries, conversationId)).items.at(-1);
    const running = answers.get(conversationId);
    if (last?.status === "streaming") {
      if (running && running.messageId !== last.id) answers.end(conversationId);
      this.follow(last);
    } else if (running) {
      answers.end(conversationId);
      changeConversation(queries, conversationId, { generation: null });
    }
  }

  /** Reconnects to the answer until it has ended. */
  private async resume(conversationId: string): Promise<void> {
    const { answers, signal } = this.state;
    const messageId = answers.get(conversationId)?.messageId;
    for (let attempt = 0; messageId !== undefined; attempt += 1) {
      if (answers.get(conversationId)?.messageId !== messageId || signal.aborted) return;
      try {
        if (attempt > 0) await this.backOff(conversationId, attempt);
        // With the message's id: this answer may have been replaced by another, which is sent from its `start`.
        const { text = "", reasoning = "" } = answers.get(conversationId) ?? {};
        const place = `after=${text.length}&reasoningAfter=${reasoning.length}&messageId=${messageId}`;
        const response = await this.call(conversationId, `stream?${place}`, { signal });
        if (response.status === 204) await this.refresh(conversationId);
        else if ((await this.read(conversationId, response, messageId)) === "started") attempt = 0;
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) await signIn.whenValid();
        else if (!isWorthReconnecting(error)) return this.giveUp(conversationId, messageId);
      }
    }
  }

  private async backOff(conversationId: string, attempt: number): Promise<void> {
    this.state.answers.change(conversationId, { reconnecting: true });
    await pauseOrOnline(backoff(attempt - 1), this.state.signal);
  }

  private giveUp(conversationId: string, messageId: string): void {
    this.refused.add(messageId);
    this.state.answers.end(conversationId);
  }

  private call(conversationId: string, path: string, init: RequestInit): Promise<Response> {
    return this.state.sessions.call(conversationId, (session) => reach(new Request(`${config.basePath}/api/chat/${session}/${path}`, init)));
  }

  /** Applies events until the connection or the answer ends. With `wanted`, only those of that message. */
  private async read(conversationId: string, response: Response, wanted?: string): Promise<Progress> {
    if (!response.ok || !response.body) throw errorFrom(response, await response.json().catch(() => null));
    const { answers } = this.state;
    let progress: Progress = "nothing";
    let messageId = wanted;
    answers.change(conversationId, { reconnecting: false });
    try {
      for await (const event of answerEvents(response.body)) {
        if (event.type === "start" && wanted && event.assistantMessage.id !== wanted) {
          await this.refresh(conversationId);
          return "ended";
        }
        if (event.type === "start") messageId = event.assistantMessage.id;
        else if (answers.get(conversationId)?.messageId !== messageId) return "ended"; // its end was learned elsewhere
        this.state.apply(conversationId, event);
        if (event.type === "end") progress = "ended";
        else if (progress === "nothing") progress = "started";
      }
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof DOMException)) throw error; // else the connection broke
    }
    return progress;
  }
}

/** The answer is being written meanwhile, so unlike a message it is worth asking for again after any trouble of the server. */
const isWorthReconnecting = (error: unknown): boolean =>
  isPassing(error) || (error instanceof ApiError && (error.status === 429 || error.status >= 500));
