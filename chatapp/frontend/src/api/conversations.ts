/** Calls that change a conversation on the server and then in the cache. Each throws `ApiError` or `Unreachable`. */
import type { QueryClient } from "@tanstack/react-query";
import { hideFromList, putConversation, restartFetching } from "./cache";
import { api, unwrap } from "./client";
import { keys } from "./keys";
import { conversationQuery, refreshMessages } from "./queries";
import type { Conversation, ConversationChange, Message } from "./types";

const at = (conversationId: string) => ({ path: { conversationId } });

export async function refreshConversation(client: QueryClient, id: string): Promise<Conversation> {
  restartFetching(client, keys.conversation(id));
  const conversation = await client.fetchQuery({ ...conversationQuery(id), staleTime: 0 });
  putConversation(client, conversation);
  return conversation;
}

/** Changes a conversation on the server. Changes of one conversation arrive there in the order in which they were made. */
export async function patchConversation(client: QueryClient, id: string, change: ConversationChange): Promise<void> {
  const patch = client.defaultMutationOptions({
    scope: { id },
    mutationFn: () => unwrap(api.PATCH("/api/conversations/{conversationId}", { params: at(id), body: change })),
  });
  await client.getMutationCache().build(client, patch).execute(undefined);
}

export async function saveConversation(client: QueryClient, id: string, change: ConversationChange): Promise<void> {
  await patchConversation(client, id, change);
  if ("projectId" in change) void client.invalidateQueries({ queryKey: keys.projects }); // they count their conversations
  await showChanged(client, id);
}

/** Shows what the server has now. Its response to a change may be older than what is shown by then. */
const showChanged = (client: QueryClient, id: string): Promise<unknown> =>
  refreshConversation(client, id).catch(() => undefined); // an event will report it

/** Copies the branch down to a message into a conversation of its own, and returns that. With the same key, once. */
export async function forkConversation(client: QueryClient, { conversationId, id: messageId }: Message, idempotencyKey: string): Promise<Conversation> {
  const body = { messageId, idempotencyKey };
  const forked = await unwrap(api.POST("/api/conversations/{conversationId}/fork", { params: at(conversationId), body }));
  putConversation(client, forked);
  return forked;
}

/** Stores an answer that a person has edited, beside the one it was made from. `id` is the new one's. */
export async function editAnswer(client: QueryClient, { conversationId, id: editOf }: Message, id: string, content: string): Promise<void> {
  const body = { role: "assistant" as const, editOf, id, content };
  await unwrap(api.POST("/api/conversations/{conversationId}/messages", { params: at(conversationId), body }));
  await refreshMessages(client, conversationId);
}

export async function trashConversation(client: QueryClient, id: string): Promise<void> {
  const done = hideFromList(client, id);
  await unwrap(api.DELETE("/api/conversations/{conversationId}", { params: at(id) })).finally(done);
  client.removeQueries({ queryKey: keys.conversation(id) });
  void client.invalidateQueries({ queryKey: keys.trash });
}

export async function restoreConversation(client: QueryClient, id: string): Promise<void> {
  try {
    await unwrap(api.POST("/api/conversations/{conversationId}/restore", { params: at(id) }));
    await showChanged(client, id);
  } finally {
    for (const queryKey of [keys.trash, keys.archive]) void client.invalidateQueries({ queryKey });
  }
}

/** What this tab deletes for good: whoever hears of it has nothing to ask for. */
const going = new Set<string>();

export const isGoing = (id: string): boolean => going.has(id);

export async function deletePermanently(client: QueryClient, id: string): Promise<void> {
  const params = { ...at(id), query: { permanent: true } };
  going.add(id);
  try {
    await unwrap(api.DELETE("/api/conversations/{conversationId}", { params }));
    client.removeQueries({ queryKey: keys.conversation(id) });
  } catch (error) {
    going.delete(id);
    throw error;
  } finally {
    void client.invalidateQueries({ queryKey: keys.trash });
  }
}
