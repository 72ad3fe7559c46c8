/** Changes to what the page has cached: what it did itself, and what events report. */
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { EMPTY, withMessage, type History } from "./history";
import { keys } from "./keys";
import type { Conversation, Message, Page } from "./types";

/** Conversations on their way into the trash: a list that was requested before must not bring them back. */
const leaving = new Set<string>();

/** How often this page has put a message into each conversation. */
const puts = new Map<string, number>();

export const messagePuts = (conversationId: string): number => puts.get(conversationId) ?? 0;

/** Puts one message into a conversation whose history is cached. */
export function putMessage(client: QueryClient, message: Message): void {
  const key = keys.messages(message.conversationId);
  puts.set(message.conversationId, messagePuts(message.conversationId) + 1);
  client.setQueryData<History>(key, (history) => history && withMessage(history, message));
  // A page that was requested before this message existed must not remove it again.
  if (client.getQueryState(key)?.fetchStatus === "fetching") void client.invalidateQueries({ queryKey: key });
}

/** A conversation that was just created has no messages: there is nothing to fetch. */
export function putEmptyHistory(client: QueryClient, id: string): void {
  client.setQueryData<History>(keys.messages(id), (known) => known ?? EMPTY);
}

type Pages = InfiniteData<Page<Conversation>, string | null>;

/** Puts one conversation into the cache and the list, or removes it from the list where it no longer belongs there. */
export function putConversation(client: QueryClient, conversation: Conversation): void {
  client.setQueryData(keys.conversation(conversation.id), conversation);
  if (conversation.trashedAt || conversation.archived || conversation.temporary || leaving.has(conversation.id)) {
    dropFromList(client, conversation.id);
    return;
  }
  client.setQueryData<Pages>(keys.conversations, (data) => data && withConversation(data, conversation));
}

/** Changes fields of a cached conversation. */
export function changeConversation(client: QueryClient, id: string, change: Partial<Conversation>): void {
  client.setQueryData<Conversation>(keys.conversation(id), (known) => known && { ...known, ...change });
  client.setQueryData<Pages>(keys.conversations, (data) => {
    const known = data && findConversation(data, id);
    return known ? withConversation(data, { ...known, ...change }) : data;
  });
}

/** Hides a conversation from the list while the server moves it to the trash. Call the result when that is done. */
export function hideFromList(client: QueryClient, id: string): () => void {
  leaving.add(id);
  dropFromList(client, id);
  return () => {
    leaving.delete(id);
    if (client.isFetching({ queryKey: keys.conversations })) void client.invalidateQueries({ queryKey: keys.conversations });
  };
}

/** A page of the list without the conversations that are being moved to the trash. */
export const listed = (page: Page<Conversation>): Page<Conversation> => ({
  ...page,
  items: page.items.filter((item) => !leaving.has(item.id)),
});

export function dropFromList(client: QueryClient, id: string): void {
  client.setQueryData<Pages>(
    keys.conversations,
    (data) => data && mapPages(data, (items) => items.filter((item) => item.id !== id)),
  );
}

/** Fetches again what failed, for example because the sign-in had ended. */
export const retryFailed = (client: QueryClient): void =>
  void client.invalidateQueries({ predicate: (query) => query.state.status === "error" });

const findConversation = (data: Pages, id: string): Conversation | undefined =>
  data.pages.flatMap((page) => page.items).find((item) => item.id === id);

function withConversation(data: Pages, conversation: Conversation): Pages {
  if (findConversation(data, conversation.id)) {
    return mapPages(data, (items) => items.map((item) => (item.id === conversation.id ? conversation : item)));
  }
  const [first, ...rest] = data.pages;
  if (!first) return data;
  return { ...data, pages: [{ ...first, items: [conversation, ...first.items] }, ...rest] };
}

function mapPages(data: Pages, change: (items: Conversation[]) => Conversation[]): Pages {
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: change(page.items) })) };
}
