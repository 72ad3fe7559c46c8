import { useEffect } from "react";
import { useServices } from "./services";

/** Has a session ready on the conversation that is shown, so that sending costs one round trip. */
export function useSession(conversationId: string | null): void {
  const { turns } = useServices();
  useEffect(() => {
    if (conversationId === null) return;
    const soon = setTimeout(() => {
      turns.sessions.of(conversationId).catch(() => undefined); // asked for again when it is needed
    }, 300);
    return () => clearTimeout(soon);
  }, [conversationId, turns]);
}
