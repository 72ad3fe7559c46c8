import { useEffect } from "react";
import { useTurns } from "./turns";

/** Prepares a session on the shown conversation, so that sending takes one round trip. */
export function useSession(conversationId: string | null): void {
  const { state } = useTurns();
  useEffect(() => {
    if (conversationId === null) return;
    const timer = setTimeout(() => {
      state.sessions.of(conversationId).catch(() => undefined); // requested again when it is needed
    }, 300);
    return () => clearTimeout(timer);
  }, [conversationId, state]);
}
