import { useQueryClient } from "@tanstack/react-query";
import { useMatch, useNavigate } from "react-router";
import { changeConversation, putConversation } from "../api/cache";
import { restoreConversation, saveConversation, trashConversation } from "../api/conversations";
import type { Conversation, ConversationChange } from "../api/types";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";

/** What can be done with a conversation. The page shows it at once, and undoes it where the server refuses. */
export function useConversationActions(conversation: Conversation) {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { id } = conversation;
  const shown = useMatch("/c/:conversationId")?.params.conversationId === id;

  const undo = (error: unknown): void => {
    putConversation(queries, conversation);
    toast(errorText(error, t));
  };
  const change = (wanted: ConversationChange): void => {
    changeConversation(queries, id, wanted);
    saveConversation(queries, id, wanted).catch(undo);
  };
  const restore = (): void => {
    restoreConversation(queries, id).then(
      () => shown && navigate(`/c/${id}`),
      (error: unknown) => toast(errorText(error, t)),
    );
  };
  const remove = (): void => {
    const trashed = trashConversation(queries, id);
    if (shown) void navigate("/");
    trashed.then(
      () => toast(t("nav.deleted", { title: conversation.title || t("nav.untitled") }), { label: t("app.undo"), run: restore }),
      undo,
    );
  };
  return {
    shown,
    rename: (title: string) => change({ title }),
    togglePin: () => change({ pinned: !conversation.pinned }),
    remove,
  };
}
