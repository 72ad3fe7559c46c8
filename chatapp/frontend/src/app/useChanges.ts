import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { CHANGES, listen, MISSED, type Change } from "../api/events";
import { dropFromList, keys, refreshConversation, refreshMessages } from "../api/queries";
import { pause } from "./waiting";
import type { Turns } from "../chat/turns";

/** Keeps what is shown in step with what happens on other devices and in other tabs. */
export function useChanges(userId: string, turns: Turns | null): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!turns) return;
    const due = new Map<string, ReturnType<typeof setTimeout>>();
    const tell = (change: Change): void => {
      if (change.type === MISSED) return readAgain(queries);
      if (change.type === "conversation.deleted") dropFromList(queries, change.conversationId);
      clearTimeout(due.get(change.conversationId));
      // A turn makes several changes at once: they are fetched together.
      due.set(change.conversationId, setTimeout(() => void fetchAgain(queries, turns, change), 60));
    };
    const stop = listen(userId, tell);
    return () => {
      stop();
      for (const timer of due.values()) clearTimeout(timer);
    };
  }, [userId, turns, queries]);
}

/** Fetches anew what is shown of what events tell; the rest when it is shown. */
function readAgain(queries: QueryClient): void {
  for (const kind of [keys.conversations, keys.trash, keys.anyConversation, keys.anyMessages]) {
    void queries.invalidateQueries({ queryKey: kind });
  }
}

const UNHEARD = 2000; // ms in which this tab should have heard an answer's end itself

async function fetchAgain(queries: QueryClient, turns: Turns, { conversationId, type }: Change): Promise<void> {
  try {
    const { generation } = await refreshConversation(queries, conversationId);
    const shown = queries.getQueryData(keys.messages(conversationId)) !== undefined;
    if (!shown) return;
    const running = turns.answers.get(conversationId)?.messageId;
    if (running !== undefined) {
      if (running === generation?.messageId) return; // this tab hears the answer itself
      await pause(UNHEARD);
      if (running === turns.answers.get(conversationId)?.messageId) await turns.refresh(conversationId);
      return;
    }
    const history = await refreshMessages(queries, conversationId);
    const last = history.items.at(-1);
    if (last?.status === "streaming") turns.follow(last);
  } catch {
    void queries.invalidateQueries({ queryKey: keys.conversation(conversationId) });
    if (type === CHANGES[2]) return;
    void queries.invalidateQueries({ queryKey: keys.conversations });
    void queries.invalidateQueries({ queryKey: keys.messages(conversationId) });
  }
}
