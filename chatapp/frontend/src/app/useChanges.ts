import { useQueryClient, type QueryClient, type QueryKey } from "@tanstack/react-query";
import { useEffect } from "react";
import { dropFromList, listedConversations, restartFetching } from "../api/cache";
import { isGoing, refreshConversation } from "../api/conversations";
import { listen, MISSED, type Change } from "../api/events";
import { keys } from "../api/keys";
import { refreshMessages } from "../api/queries";
import type { Conversation } from "../api/types";
import type { Turns } from "../chat/turns";
import { pause } from "../lib/waiting";

const TOGETHER = 60; // ms in which the several changes of one turn are collected
const SEARCH = "search";
const FOUND = [keys.anySearch, keys.anyFound];

/** Keeps what is shown in step with other devices and tabs. */
export function useChanges(userId: string, turns: Turns | null): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!turns) return;
    const due = new Map<string, ReturnType<typeof setTimeout>>();
    const stop = listen(userId, (change) => {
      if (change.type === MISSED) return refetchAll(queries);
      const order = ORDER[change.type];
      const place = order ? change.type : change.conversationId;
      clearTimeout(due.get(place));
      if (order) return due.set(place, setTimeout(() => refetchOrder(queries, order), TOGETHER));
      if (change.type === "conversation.deleted") {
        dropFromList(queries, change.conversationId);
        refetchOrder(queries);
        clearTimeout(due.get(SEARCH));
        due.set(SEARCH, setTimeout(() => refetchOrder(queries, FOUND), TOGETHER));
      }
      due.set(place, setTimeout(() => void refetch(queries, turns, change), TOGETHER));
    });
    return () => {
      stop();
      for (const timer of due.values()) clearTimeout(timer);
    };
  }, [userId, turns, queries]);
}

/** Fetches again what is shown; the rest when it is shown. */
function refetchAll(queries: QueryClient): void {
  for (const queryKey of [keys.conversations, keys.projects, keys.tags, keys.trash, keys.anyConversation, keys.anyMessages, keys.anyTree, ...FOUND]) {
    restartFetching(queries, queryKey);
    void queries.invalidateQueries({ queryKey }, { cancelRefetch: false });
  }
}

async function refetch(queries: QueryClient, { state, following }: Turns, { conversationId, type }: Change): Promise<void> {
  const shown = queries.getQueryData<Conversation>(keys.conversation(conversationId));
  if (isGoing(conversationId) || (type === "conversation.deleted" && !shown)) return;
  try {
    const before = shown ?? listedConversations(queries, new Set([conversationId]))[0];
    const conversation = await refreshConversation(queries, conversationId);
    if (isGoing(conversationId)) return;
    if (placeOf(before) !== placeOf(conversation)) refetchOrder(queries);
    void queries.invalidateQueries({ queryKey: keys.tree(conversationId) });
    const { generation } = conversation;
    const messages = queries.getQueryState(keys.messages(conversationId));
    if (messages?.data === undefined && messages?.fetchStatus !== "fetching") return; // not shown
    const running = state.answers.get(conversationId)?.messageId;
    if (running !== undefined) return await checkRunning(running, generation?.messageId, { state, following }, conversationId);
    const history = await refreshMessages(queries, conversationId);
    const last = history.items.at(-1);
    if (last?.status === "streaming") following.follow(last);
  } catch {
    if (isGoing(conversationId)) return;
    void queries.invalidateQueries({ queryKey: keys.conversation(conversationId) });
    if (type === "conversation.deleted") return;
    void queries.invalidateQueries({ queryKey: keys.conversations });
    void queries.invalidateQueries({ queryKey: keys.messages(conversationId) });
  }
}

/** What the counts of projects and tags depend on. */
const placeOf = (conversation: Conversation | undefined): string =>
  JSON.stringify(conversation && [conversation.tags, conversation.projectId, conversation.archived, !conversation.trashedAt]);

/** What changes with a project or a tag. The conversations of a tag report their changes themselves. */
const ORDER: Readonly<Record<string, readonly QueryKey[]>> = {
  "project.created": [keys.projects],
  "project.updated": [keys.projects],
  "project.deleted": [keys.projects, keys.conversations, keys.anyConversation],
  "tag.updated": [keys.tags],
};

function refetchOrder(queries: QueryClient, changed: readonly QueryKey[] = [keys.projects, keys.tags]): void {
  for (const queryKey of changed) void queries.invalidateQueries({ queryKey });
}

const HEARD_BY_NOW = 2000; // ms in which this tab should have read the end of an answer itself

/** Fetches the messages where this tab follows an answer that has ended unnoticed, or another than the server writes. */
async function checkRunning(
  running: string,
  written: string | undefined,
  { state, following }: Pick<Turns, "state" | "following">,
  conversationId: string,
): Promise<void> {
  if (running === written) return;
  await pause(HEARD_BY_NOW);
  if (running === state.answers.get(conversationId)?.messageId) await following.refresh(conversationId);
}
