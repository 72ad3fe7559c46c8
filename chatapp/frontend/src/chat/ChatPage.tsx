import { useState, type ReactNode } from "react";
import { useNavigationType, useParams } from "react-router";
import { ChatBot } from "./ChatBot";
import { useServices } from "./services";

/** `/` is a chat that has not begun, `/c/{id}` one that has. */
export default function ChatPage(): ReactNode {
  const { conversationId = null } = useParams();
  return <ChatBot key={useChat(conversationId)} conversationId={conversationId} />;
}

/** Counts the chats that were shown. One that gets its id at its first message stays the same, with all that is typed in it. */
function useChat(conversationId: string | null): number {
  const { turns } = useServices();
  const way = useNavigationType();
  const [shown, show] = useState({ conversationId, chat: 0 });
  if (shown.conversationId === conversationId) return shown.chat;
  const begun = shown.conversationId === null && conversationId === turns.started.get() && way === "REPLACE";
  const chat = begun ? shown.chat : shown.chat + 1;
  show({ conversationId, chat });
  return chat;
}
