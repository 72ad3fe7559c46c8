import { useState, type ReactNode } from "react";
import { useNavigationType, useParams } from "react-router";
import { ChatBot } from "./ChatBot";
import { useTurns } from "./turns";

/** `/` is a new chat, `/c/{id}` an existing conversation. */
export default function ChatPage(): ReactNode {
  const { conversationId = null } = useParams();
  return <ChatBot key={useChatCount(conversationId)} conversationId={conversationId} />;
}

/** Counts the chats that were shown. One that becomes a conversation counts once, and keeps all that is typed in it. */
function useChatCount(conversationId: string | null): number {
  const { started } = useTurns().delivery.newChats;
  const navigation = useNavigationType();
  const [shown, setShown] = useState({ conversationId, chat: 0 });
  if (shown.conversationId === conversationId) return shown.chat;
  const becameThis = shown.conversationId === null && conversationId === started.get() && navigation === "REPLACE";
  const chat = becameThis ? shown.chat : shown.chat + 1;
  setShown({ conversationId, chat });
  return chat;
}
