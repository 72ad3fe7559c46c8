import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { saveConversation } from "../api/conversations";
import type { Conversation, Message } from "../api/types";

/** Tells the server that the newest answer has been read, once it is shown and the tab can be seen. */
export function useReading(conversation: Conversation | undefined, last: Message | undefined): void {
  const queries = useQueryClient();
  const visible = useVisible();
  const id = conversation?.unread && !conversation.trashedAt ? conversation.id : null;
  const readId = last?.status === "streaming" ? undefined : last?.id;
  useEffect(() => {
    if (!visible || id === null || readId === undefined) return;
    saveConversation(queries, id, { readMessageId: readId }).catch(() => undefined); // it stays unread, and is told with the next answer
  }, [queries, visible, id, readId]);
}

/** Whether the tab can be seen. */
export const useVisible = (): boolean => useSyncExternalStore(onVisibility, () => document.visibilityState === "visible");

function onVisibility(listener: () => void): () => void {
  document.addEventListener("visibilitychange", listener);
  return () => document.removeEventListener("visibilitychange", listener);
}
