import { createStore } from "../lib/store";
import { NEW_CHAT } from "./drafts";
import type { Outbox } from "./outbox";

/** Tells which conversation the last new chat of this tab became, whichever tab sent its first message. */
export class NewChats {
  readonly started = createStore<string | null>(null);
  /** First messages whose conversation this tab should open. */
  private readonly expected: Set<string>;

  constructor(outbox: Outbox) {
    const unsent = outbox.store.get().filter(({ conversationId }) => conversationId === NEW_CHAT);
    this.expected = new Set(unsent.map(({ id }) => id));
    outbox.store.subscribe(() => {
      for (const { id, conversationId } of outbox.store.get()) {
        if (conversationId !== NEW_CHAT && this.expected.delete(id)) this.started.set(conversationId);
      }
    });
  }

  expect(messageId: string): void {
    this.expected.add(messageId);
  }
}
