/** What the page reads from the server, and under which key it is cached. */
import { infiniteQueryOptions, keepPreviousData, queryOptions, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { listed, restartFetching } from "./cache";
import { api, unwrap } from "./client";
import { EMPTY, withNewerPage, withNewestPage, withOlderPage, type History, type Stretch } from "./history";
import { keys } from "./keys";
import type { Conversation, ListFilter, Message, MessagePage, Page, SearchOrder, User } from "./types";

const LIST_PAGE = 50; // conversations per request: more than the tallest sidebar shows
const MESSAGE_PAGE = 50;
const SEARCH_PAGE = 20; // messages: more than a screen shows, and quick to read
const LARGEST_PAGE = 200; // what the server gives at most

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

export const signInsQuery = queryOptions({
  queryKey: keys.signIns,
  queryFn: () => unwrap(api.GET("/api/auth/sessions", { params: { query: { limit: 200 } } })),
});

export const listQuery = (filter: ListFilter) =>
  infiniteQueryOptions({
    queryKey: keys.list(filter),
    queryFn: async ({ pageParam }) => listed(await conversationPage(pageParam, filter)),
    initialPageParam: null as string | null,
    getNextPageParam: nextCursor,
    staleTime: Infinity, // events keep it up to date
  });

/** All conversations that are neither archived nor in the trash. */
export const conversationsQuery = listQuery({});

export const archiveQuery = infiniteQueryOptions({
  queryKey: keys.archive,
  queryFn: ({ pageParam }) => conversationPage(pageParam, { archived: true }),
  initialPageParam: null as string | null,
  getNextPageParam: nextCursor,
});

export const trashQuery = infiniteQueryOptions({
  queryKey: keys.trash,
  queryFn: ({ pageParam }) => conversationPage(pageParam, { trashed: true }),
  initialPageParam: null as string | null,
  getNextPageParam: nextCursor,
});

export const starredQuery = infiniteQueryOptions({
  queryKey: keys.starred,
  queryFn: ({ pageParam }) => unwrap(api.GET("/api/starred", { params: { query: { limit: LIST_PAGE, ...(pageParam === null ? {} : { cursor: pageParam }) } } })),
  initialPageParam: null as string | null,
  getNextPageParam: nextCursor,
});

/**
 * What the words find, or else what has them inside of its words. An older request is aborted as soon as nobody shows
 * it; until then, what was found last is shown.
 */
export const searchQuery = (q: string, sort: SearchOrder) =>
  infiniteQueryOptions({
    queryKey: keys.search(q, sort),
    queryFn: async ({ pageParam: { cursor, insideWords }, signal }) => {
      const query = { q, sort, count: false, limit: SEARCH_PAGE, ...(cursor === null ? {} : { cursor }) };
      const ask = (insideWords: boolean) => unwrap(api.GET("/api/search", { params: { query: { ...query, insideWords } }, signal })).then((found) => ({ ...found, insideWords }));
      const found = await ask(insideWords);
      return found.total === 0 && !insideWords ? ask(true) : found;
    },
    initialPageParam: { cursor: null as string | null, insideWords: false },
    getNextPageParam: ({ nextCursor: cursor, insideWords }) => (cursor === null ? null : { cursor, insideWords }),
    placeholderData: keepPreviousData,
    enabled: q.trim() !== "",
  });

/** How many there are, for what `searchQuery` finds without counting. */
export const foundQuery = (q: string) =>
  queryOptions({
    queryKey: keys.found(q),
    queryFn: async ({ signal }) => (await unwrap(api.GET("/api/search", { params: { query: { q, limit: 1 } }, signal }))).total,
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
      const page = await messagePage(id);
      return withNewestPage(client.getQueryData<History>(keys.messages(id)), page);
    },
    staleTime: Infinity,
    structuralSharing: false, // `withNewestPage` keeps the objects of unchanged messages
  });

/** The messages around a linked one, on its branch. They are read anew with each opening. */
export const aroundQuery = (id: string, messageId: string) =>
  queryOptions({
    queryKey: keys.around(id, messageId),
    queryFn: async (): Promise<Stretch> => {
      const { items, nextCursor, previousCursor } = await messagePage(id, MESSAGE_PAGE, { around: messageId });
      return { items, olderCursor: nextCursor, newerCursor: previousCursor };
    },
    staleTime: Infinity,
    gcTime: 0,
    structuralSharing: false,
  });

/** Fetches the newest messages and merges them into what is shown. */
export function refreshMessages(client: QueryClient, id: string): Promise<History> {
  restartFetching(client, keys.messages(id));
  return client.fetchQuery({ ...messagesQuery(id), staleTime: 0 });
}

/** Fetches the messages before the ones shown, `limit` at most, and puts them in front. */
export async function loadOlder(client: QueryClient, id: string, limit = MESSAGE_PAGE, shown: QueryKey = keys.messages(id)): Promise<void> {
  const cursor = client.getQueryData<History>(shown)?.olderCursor;
  if (!cursor) return;
  const page = await messagePage(id, limit, { cursor });
  client.setQueryData<History>(shown, (history) =>
    history?.olderCursor === cursor ? { ...history, ...withOlderPage(history, page) } : history,
  );
}

/** Fetches the messages after those around a linked one. */
export async function loadNewer(client: QueryClient, id: string, shown: QueryKey): Promise<void> {
  const cursor = client.getQueryData<Stretch>(shown)?.newerCursor;
  if (!cursor) return;
  const page = await messagePage(id, MESSAGE_PAGE, { cursor });
  client.setQueryData<Stretch>(shown, (stretch) => (stretch?.newerCursor === cursor ? withNewerPage(stretch, page) : stretch));
}

/** Fetches all that is missing of a conversation. `told` hears how many messages are there so far. */
export async function loadAll(client: QueryClient, id: string, signal: AbortSignal, told: (count: number) => void): Promise<readonly Message[]> {
  await client.ensureQueryData(messagesQuery(id));
  for (;;) {
    const { items, olderCursor } = client.getQueryData<History>(keys.messages(id)) ?? EMPTY;
    told(items.length);
    if (!olderCursor || signal.aborted) return items;
    await loadOlder(client, id, LARGEST_PAGE);
  }
}

function conversationPage(cursor: string | null, filter: ListFilter & { archived?: true; trashed?: true } = {}): Promise<Page<Conversation>> {
  const query = { limit: LIST_PAGE, ...filter, ...(cursor === null ? {} : { cursor }) };
  return unwrap(api.GET("/api/conversations", { params: { query } }));
}

function messagePage(conversationId: string, limit = MESSAGE_PAGE, place: { cursor?: string; around?: string } = {}): Promise<MessagePage> {
  const params = { path: { conversationId }, query: { limit, ...place } };
  return unwrap(api.GET("/api/conversations/{conversationId}/messages", { params }));
}

function nextCursor(page: Page<unknown>): string | null {
  return page.nextCursor;
}
