/** What the page knows of the server's state: one cache, these keys, and the ways it is read. */
import { infiniteQueryOptions, queryOptions, type InfiniteData, type QueryClient } from "@tanstack/react-query";
import { withMessage, withNewestPage, withOlderPage, EMPTY, type History } from "../chat/history";
import { api, unwrap } from "./client";
import type { Conversation, Message, Page, User } from "./types";

export const keys = {
  me: ["me"] as const,
  models: ["models"] as const,
  devices: ["devices"] as const,
  conversations: ["conversations"] as const,
  trash: ["trash"] as const,
  anyConversation: ["conversation"] as const,
  conversation: (id: string) => ["conversation", id] as const,
  anyMessages: ["messages"] as const,
  messages: (id: string) => ["messages", id] as const,
};

const LIST_PAGE = 50; // conversations fetched at once: more than the tallest sidebar shows
const MESSAGE_PAGE = 50;

/** On their way into the trash: what was asked for before they left must not bring them back into the list. */
const leaving = new Set<string>();

export const conversationsQuery = infiniteQueryOptions({
  queryKey: keys.conversations,
  queryFn: async ({ pageParam }) => {
    const page = await unwrap(api.GET("/api/conversations/", { params: { query: { limit: LIST_PAGE, ...cursor(pageParam) } } }));
    return { ...page, items: page.items.filter((item) => !leaving.has(item.id)) };
  },
  initialPageParam: null as string | null,
  getNextPageParam: (page: Page<Conversation>) => page.nextCursor,
  staleTime: Infinity, // events keep it up to date
});

export const trashQuery = infiniteQueryOptions({
  queryKey: keys.trash,
  queryFn: ({ pageParam }) =>
    unwrap(
      api.GET("/api/conversations/", { params: { query: { limit: LIST_PAGE, trashed: true, ...cursor(pageParam) } } }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page: Page<Conversation>) => page.nextCursor,
});

export const conversationQuery = (id: string) =>
  queryOptions({
    queryKey: keys.conversation(id),
    queryFn: () => unwrap(api.GET("/api/conversations/{conversationId}", { params: { path: { conversationId: id } } })),
    staleTime: Infinity,
  });

export const messagesQuery = (id: string) =>
  queryOptions({
    queryKey: keys.messages(id),
    queryFn: async ({ client }): Promise<History> => {
      const page = await newestPage(id);
      return withNewestPage(client.getQueryData<History>(keys.messages(id)), page);
    },
    staleTime: Infinity,
    structuralSharing: false, // messages that have not changed are kept by `withNewestPage`
  });

export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: (): Promise<User | null> => unwrap(api.GET("/api/auth/me")),
  staleTime: Infinity,
});

export const modelsQuery = queryOptions({
  queryKey: keys.models,
  queryFn: () => unwrap(api.GET("/api/models")),
  staleTime: 5 * 60_000,
});

export const devicesQuery = queryOptions({
  queryKey: keys.devices,
  queryFn: () => unwrap(api.GET("/api/auth/sessions", { params: { query: { limit: 200 } } })),
});

const cursor = (value: string | null) => (value === null ? {} : { cursor: value });

function newestPage(id: string): Promise<Page<Message>> {
  return unwrap(
    api.GET("/api/conversations/{conversationId}/messages", { params: { path: { conversationId: id }, query: { limit: MESSAGE_PAGE } } }),
  );
}

/** Fetches the page before what is shown and puts it in front. */
export async function loadOlder(client: QueryClient, id: string): Promise<void> {
  const from = client.getQueryData<History>(keys.messages(id))?.olderCursor;
  if (!from) return;
  const page = await unwrap(
    api.GET("/api/conversations/{conversationId}/messages", {
      params: { path: { conversationId: id }, query: { limit: MESSAGE_PAGE, cursor: from } },
    }),
  );
  client.setQueryData<History>(keys.messages(id), (history) =>
    history?.olderCursor === from ? withOlderPage(history, page) : history,
  );
}

/** How often this page has put a message into a conversation itself. */
const puts = new Map<string, number>();

/** Lays what the server has now over what is shown. */
export async function refreshMessages(client: QueryClient, id: string): Promise<History> {
  const before = puts.get(id);
  const page = await newestPage(id);
  if (puts.get(id) !== before) return refreshMessages(client, id); // it may be older than what was put
  return client.setQueryData<History>(keys.messages(id), (history) => withNewestPage(history, page)) ?? EMPTY;
}

/** Puts one message into a conversation whose history the page has. */
export function putMessage(client: QueryClient, message: Message): void {
  const key = keys.messages(message.conversationId);
  puts.set(message.conversationId, (puts.get(message.conversationId) ?? 0) + 1);
  client.setQueryData<History>(key, (history) => history && withMessage(history, message));
  // A page that was asked for before this message was there must not take it away again.
  if (client.getQueryState(key)?.fetchStatus === "fetching") void client.invalidateQueries({ queryKey: key });
}

/** A conversation that has just been made has no messages: there is nothing to fetch. */
export function putEmptyHistory(client: QueryClient, id: string): void {
  client.setQueryData<History>(keys.messages(id), (known) => known ?? EMPTY);
}

/** Fetches one conversation and puts it into the list. */
export async function refreshConversation(client: QueryClient, id: string): Promise<Conversation> {
  const conversation = await unwrap(api.GET("/api/conversations/{conversationId}", { params: { path: { conversationId: id } } }));
  putConversation(client, conversation);
  return conversation;
}

type Pages = InfiniteData<Page<Conversation>, string | null>;

/** Puts one conversation into the cache and into the list, or takes it out of the list where it left it. */
export function putConversation(client: QueryClient, conversation: Conversation): void {
  client.setQueryData(keys.conversation(conversation.id), conversation);
  if (conversation.trashedAt || conversation.archived || conversation.temporary || leaving.has(conversation.id)) {
    dropFromList(client, conversation.id);
    return;
  }
  client.setQueryData<Pages>(keys.conversations, (data) => data && withConversation(data, conversation));
}

/** Changes fields of a conversation that the page knows. */
export function changeConversation(client: QueryClient, id: string, change: Partial<Conversation>): void {
  client.setQueryData<Conversation>(keys.conversation(id), (known) => known && { ...known, ...change });
  client.setQueryData<Pages>(keys.conversations, (data) => {
    const known = data && findConversation(data, id);
    return known ? withConversation(data, { ...known, ...change }) : data;
  });
}

/** Takes a conversation out of the list while the server is asked to trash it. Call what is returned when that is over. */
export function leaveList(client: QueryClient, id: string): () => void {
  leaving.add(id);
  dropFromList(client, id);
  return () => {
    leaving.delete(id);
    if (client.isFetching({ queryKey: keys.conversations })) void client.invalidateQueries({ queryKey: keys.conversations });
  };
}

export function dropFromList(client: QueryClient, id: string): void {
  client.setQueryData<Pages>(
    keys.conversations,
    (data) => data && mapPages(data, (items) => items.filter((item) => item.id !== id)),
  );
}

export const findConversation = (data: Pages, id: string): Conversation | undefined =>
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
