/** Calls that change a conversation on the server and then in the cache. Each throws `ApiError` or `Unreachable`. */
import type { QueryClient } from "@tanstack/react-query";
import { hideFromList, putConversation } from "./cache";
import { api, unwrap } from "./client";
import { keys } from "./keys";
import { fetchConversation } from "./queries";
import type { Conversation, ConversationChange } from "./types";

const at = (conversationId: string) => ({ path: { conversationId } });

export async function refreshConversation(client: QueryClient, id: string): Promise<Conversation> {
  const conversation = await fetchConversation(id);
  putConversation(client, conversation);
  return conversation;
}

export async function saveConversation(client: QueryClient, id: string, change: ConversationChange): Promise<void> {
  putConversation(client, await unwrap(api.PATCH("/api/conversations/{conversationId}", { params: at(id), body: change })));
}

export async function trashConversation(client: QueryClient, id: string): Promise<void> {
  const done = hideFromList(client, id);
  await unwrap(api.DELETE("/api/conversations/{conversationId}", { params: at(id) })).finally(done);
  client.removeQueries({ queryKey: keys.conversation(id) });
  void client.invalidateQueries({ queryKey: keys.trash });
}

export async function restoreConversation(client: QueryClient, id: string): Promise<void> {
  try {
    putConversation(client, await unwrap(api.POST("/api/conversations/{conversationId}/restore", { params: at(id) })));
  } finally {
    for (const queryKey of [keys.trash, keys.archive]) void client.invalidateQueries({ queryKey });
  }
}

export async function deletePermanently(client: QueryClient, id: string): Promise<void> {
  const params = { ...at(id), query: { permanent: true } };
  await unwrap(api.DELETE("/api/conversations/{conversationId}", { params })).finally(
    () => void client.invalidateQueries({ queryKey: keys.trash }),
  );
}
