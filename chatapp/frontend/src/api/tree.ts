/** The tree of a conversation, and which of its branches is shown. Each call throws `ApiError` or `Unreachable`. */
import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { api, unwrap } from "./client";
import { patchConversation } from "./conversations";
import type { History } from "./history";
import { keys } from "./keys";
import { refreshMessages } from "./queries";
import type { Message, Twig } from "./types";

const TREE_PAGE = 2000; // what the server gives at most

export const treeQuery = (conversationId: string) =>
  queryOptions({
    queryKey: keys.tree(conversationId),
    queryFn: async ({ signal }): Promise<readonly Twig[]> => {
      const twigs: Twig[] = [];
      let cursor: string | null = null;
      do {
        const query: { limit: number; cursor?: string } = { limit: TREE_PAGE, ...(cursor ? { cursor } : {}) };
        const page = await unwrap(api.GET("/api/conversations/{conversationId}/tree", { params: { path: { conversationId }, query }, signal }));
        twigs.push(...page.items);
        cursor = page.nextCursor;
      } while (cursor);
      return twigs;
    },
    gcTime: 0,
  });

/** The messages side by side, in the order of `ids`. */
export const versionsQuery = (conversationId: string, ids: readonly string[]) =>
  queryOptions({
    queryKey: [...keys.messages(conversationId), "versions", ...ids],
    queryFn: ({ signal }): Promise<Message[]> =>
      Promise.all(
        ids.map((messageId) =>
          unwrap(api.GET("/api/conversations/{conversationId}/messages/{messageId}", { params: { path: { conversationId, messageId } }, signal })),
        ),
      ),
    gcTime: 0,
  });

/** Shows the branch of a message, down to what was shown last below it. Returns the last message that was shown before. */
export async function chooseBranch(client: QueryClient, conversationId: string, messageId: string): Promise<Message | undefined> {
  const before = client.getQueryData<History>(keys.messages(conversationId))?.items.at(-1);
  await patchConversation(client, conversationId, { activeMessageId: messageId });
  await refreshMessages(client, conversationId);
  return before;
}
