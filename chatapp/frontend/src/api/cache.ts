/** Changes to what the page has cached: what it did itself, and what events report. */
import type { InfiniteData, QueryClient, QueryKey } from "@tanstack/react-query";
import { downTo, EMPTY, withChanges, withMessage, type History, type Stretch } from "./history";
import { keys } from "./keys";
import type { Conversation, ListFilter, Message, Page } from "./types";

/** Conversations on their way into the trash: a list that was requested before must not bring them back. */
const leaving = new Set<string>();

/**
 * Something has changed since what is being fetched was requested: it is requested again. The last request wins, not
 * the last response, and whoever waits for the earlier one gets this one.
 */
export function restartFetching(client: QueryClient, queryKey: QueryKey): void {
  for (const query of client.getQueryCache().findAll({ queryKey, fetchStatus: "fetching" })) {
    const meta = query.state.fetchMeta ?? undefined; // whether it is the next page of a list
    void query.cancel({ silent: true });
    query.fetch(undefined, { meta }).catch(() => undefined); // the query holds the error
  }
}

/** Changes what is cached, so that no response to an earlier request undoes it. */
function change<Data>(client: QueryClient, queryKey: QueryKey, changed: (known: Data | undefined) => Data | undefined): void {
  client.setQueryData<Data>(queryKey, changed);
  restartFetching(client, queryKey);
}

/** Puts one message into a conversation whose history is cached: over itself, else at the end of the branch that it continues. */
export function putMessage(client: QueryClient, message: Message): void {
  change<History>(client, keys.messages(message.conversationId), (history) => history && withMessage(history, message));
}

/** Changes fields of a message where it is shown. One that is on another branch by now changes nothing. */
export function changeMessage(client: QueryClient, { conversationId, id }: Message, fields: (shown: Message) => Partial<Message>): void {
  change<History>(client, keys.messages(conversationId), (history) => history && withChanges(history, id, fields));
  client.setQueriesData<Stretch>({ queryKey: keys.anyAround(conversationId) }, (stretch) => stretch && { ...stretch, ...withChanges(stretch, id, fields) });
}

/** Shows a branch down to a message around which it was shown as a stretch: the branch is about to go on from there. */
export function showDownTo(client: QueryClient, conversationId: string, messageId: string): void {
  const holds = (shown: History | undefined): boolean => shown?.items.some(({ id }) => id === messageId) ?? false;
  const stretch = client.getQueriesData<Stretch>({ queryKey: keys.anyAround(conversationId) }).find(([, shown]) => holds(shown))?.[1];
  if (stretch) client.setQueryData<History>(keys.messages(conversationId), (history) => (holds(history) ? history : downTo(stretch, messageId)));
}

/** A conversation that was just created has no messages: there is nothing to fetch. */
export function putEmptyHistory(client: QueryClient, id: string): void {
  client.setQueryData<History>(keys.messages(id), (known) => known ?? EMPTY);
}

type Pages = InfiniteData<Page<Conversation>, string | null>;

/** Changes every list that is cached: all conversations, and those of a project or a tag. */
function changeLists(client: QueryClient, changed: (data: Pages, filter: ListFilter) => Pages): void {
  for (const { queryKey } of client.getQueryCache().findAll({ queryKey: keys.conversations })) {
    client.setQueryData<Pages>(queryKey, (data) => data && changed(data, (queryKey[1] ?? {}) as ListFilter));
  }
  restartFetching(client, keys.conversations);
}

/** Puts one conversation into the cache and the lists, or removes it from those where it no longer belongs. */
export function putConversation(client: QueryClient, conversation: Conversation): void {
  change(client, keys.conversation(conversation.id), () => conversation);
  changeLists(client, (data, filter) => placed(data, filter, conversation));
}

/** Changes fields of a cached conversation. */
export function changeConversation(client: QueryClient, id: string, fields: Partial<Conversation>): void {
  change<Conversation>(client, keys.conversation(id), (known) => known && { ...known, ...fields });
  const [known] = listedConversations(client, new Set([id]));
  changeLists(client, (data, filter) => (known ? placed(data, filter, { ...known, ...fields }) : data));
}

/** Those of the conversations that are in a cached list, each once. */
export function listedConversations(client: QueryClient, ids: ReadonlySet<string>): Conversation[] {
  const lists = client.getQueriesData<Pages>({ queryKey: keys.conversations });
  const items = lists.flatMap(([, data]) => data?.pages ?? []).flatMap((page) => page.items);
  return [...new Map(items.filter(({ id }) => ids.has(id)).map((item) => [item.id, item])).values()];
}

/** Hides a conversation from the list while the server moves it to the trash. Call the result when that is done. */
export function hideFromList(client: QueryClient, id: string): () => void {
  leaving.add(id);
  dropFromList(client, id);
  return () => {
    leaving.delete(id);
    restartFetching(client, keys.conversations);
  };
}

/** A page of the list without the conversations that are being moved to the trash. */
export const listed = (page: Page<Conversation>): Page<Conversation> => ({
  ...page,
  items: page.items.filter((item) => !leaving.has(item.id)),
});

export function dropFromList(client: QueryClient, id: string): void {
  changeLists(client, (data) => without(data, id));
}

/** Fetches again what failed, for example because the sign-in had ended. */
export const retryFailed = (client: QueryClient): void =>
  void client.invalidateQueries({ predicate: (query) => query.state.status === "error" });

const belongs = ({ id, trashedAt, archived, temporary, projectId, tags }: Conversation, filter: ListFilter): boolean =>
  !trashedAt && !archived && !temporary && !leaving.has(id) &&
  (filter.projectId === undefined || projectId === filter.projectId) &&
  (filter.tag === undefined || tags.includes(filter.tag));

const placed = (data: Pages, filter: ListFilter, conversation: Conversation): Pages =>
  belongs(conversation, filter) ? withConversation(data, conversation) : without(data, conversation.id);

const without = (data: Pages, id: string): Pages => mapPages(data, (items) => items.filter((item) => item.id !== id));

function withConversation(data: Pages, conversation: Conversation): Pages {
  if (data.pages.some(({ items }) => items.some(({ id }) => id === conversation.id))) {
    return mapPages(data, (items) => items.map((item) => (item.id === conversation.id ? conversation : item)));
  }
  const [first, ...rest] = data.pages;
  if (!first) return data;
  return { ...data, pages: [{ ...first, items: [conversation, ...first.items] }, ...rest] };
}

function mapPages(data: Pages, change: (items: Conversation[]) => Conversation[]): Pages {
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: change(page.items) })) };
}
