/** The state that delivering messages and following answers share. */
import type { QueryClient } from "@tanstack/react-query";
import type { AnswerEvent } from "../api/answerEvents";
import { changeConversation, changeMessage, putMessage } from "../api/cache";
import { refreshConversation } from "../api/conversations";
import type { History } from "../api/history";
import { keys } from "../api/keys";
import { refreshMessages } from "../api/queries";
import type { Message } from "../api/types";
import { createStore } from "../lib/store";
import { Answers } from "./answers";
import { Outbox } from "./outbox";
import { Sessions } from "./sessions";

export class TurnState {
  readonly answers = new Answers();
  readonly sessions = new Sessions();
  readonly outbox: Outbox;
  /** The answer that started or ended last, for screen readers. */
  readonly news = createStore<Message | null>(null);

  /** `signal` aborts when the person has left: nothing is sent or read in their name any more. */
  constructor(
    userId: string,
    readonly queries: QueryClient,
    readonly signal: AbortSignal,
  ) {
    this.outbox = new Outbox(userId, signal);
  }

  /** Applies one event of an answer to what is shown. */
  apply(conversationId: string, event: AnswerEvent): void {
    if (event.type === "start") this.start(conversationId, event.userMessage, event.assistantMessage);
    else if (event.type === "delta") this.answers.append(conversationId, event.text, event.end);
    else if (event.type === "reasoning") this.answers.think(conversationId, event.text, event.at);
    else if (event.type === "title") changeConversation(this.queries, conversationId, { title: event.title });
    else this.end(conversationId, event.assistantMessage);
  }

  private start(conversationId: string, userMessage: Message | null, answer: Message): void {
    if (this.answers.get(conversationId)?.messageId === answer.id) this.show(answer);
    else if (answer.status === "streaming") this.begin(conversationId, userMessage, answer);
    // It was answered before, so the conversation may have gone on, on whatever branch.
    else void refreshMessages(this.queries, conversationId).catch(() => undefined);
    if (userMessage) this.outbox.remove(userMessage.id);
  }

  private begin(conversationId: string, userMessage: Message | null, answer: Message): void {
    this.answers.begin(conversationId, answer.id, answer.content || this.textOf(conversationId, answer.continues));
    if (userMessage) putMessage(this.queries, userMessage);
    putMessage(this.queries, answer);
    changeConversation(this.queries, conversationId, {
      generation: { messageId: answer.id, startedAt: answer.createdAt },
      updatedAt: answer.createdAt,
      activeMessageId: answer.id,
    });
    void refreshConversation(this.queries, conversationId).catch(() => undefined); // an event will report it
    this.news.set(answer);
  }

  /** The text of the answer that another one goes on with: it is there before the first piece arrives. */
  private textOf(conversationId: string, id: string | undefined): string {
    const history = this.queries.getQueryData<History>(keys.messages(conversationId));
    return history?.items.find((message) => message.id === id)?.content ?? "";
  }

  private end(conversationId: string, answer: Message): void {
    this.show(answer);
    this.answers.end(conversationId);
    changeConversation(this.queries, conversationId, { generation: null, activeMessageId: answer.id });
    this.news.set(answer);
  }

  /** Shows what has become of an answer, unless another branch has been chosen since it began. */
  private show(answer: Message): void {
    changeMessage(this.queries, answer, () => answer);
  }
}
