import { useQueryClient } from "@tanstack/react-query";
import { useMatch, useNavigate } from "react-router";
import { api, unwrap } from "../api/client";
import { changeConversation, keys, leaveList, putConversation } from "../api/queries";
import type { Conversation, ConversationChange } from "../api/types";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";

/** What can be done with a conversation. The page shows it at once, and takes it back where the server refuses. */
export function useConversationActions(conversation: Conversation) {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { id } = conversation;
  const shown = useMatch("/c/:conversationId")?.params.conversationId === id;

  const change = (wanted: ConversationChange): void => {
    changeConversation(queries, id, wanted);
    unwrap(api.PATCH("/api/conversations/{conversationId}", { params: { path: { conversationId: id } }, body: wanted })).then(
      (saved) => putConversation(queries, saved),
      (error: unknown) => {
        putConversation(queries, conversation);
        toast(errorText(error, t));
      },
    );
  };
  const restore = (): void => {
    unwrap(api.POST("/api/conversations/{conversationId}/restore", { params: { path: { conversationId: id } } })).then(
      (saved) => {
        putConversation(queries, saved);
        if (shown) void navigate(`/c/${id}`);
      },
      (error: unknown) => toast(errorText(error, t)),
    );
  };
  const remove = (): void => {
    const left = leaveList(queries, id);
    if (shown) void navigate("/");
    const trashed = unwrap(api.DELETE("/api/conversations/{conversationId}", { params: { path: { conversationId: id } } }));
    trashed.finally(left).then(
      () => {
        queries.removeQueries({ queryKey: keys.conversation(id) });
        void queries.invalidateQueries({ queryKey: keys.trash });
        toast(t("nav.deleted", { title: conversation.title || t("nav.untitled") }), { label: t("app.undo"), run: restore });
      },
      (error: unknown) => {
        putConversation(queries, conversation);
        toast(errorText(error, t));
      },
    );
  };
  return {
    shown,
    rename: (title: string) => change({ title }),
    togglePin: () => change({ pinned: !conversation.pinned }),
    remove,
    restore,
  };
}
