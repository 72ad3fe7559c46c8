import { useQueryClient } from "@tanstack/react-query";
import { useMatch, useNavigate } from "react-router";
import { changeConversation, putConversation } from "../api/cache";
import { restoreConversation, saveConversation, trashConversation } from "../api/conversations";
import { keys } from "../api/keys";
import type { Conversation, ConversationChange } from "../api/types";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";
import { done } from "../ui/undo";

/** What can be done with a conversation. The page shows it at once, and undoes it where the server refuses. */
export function useConversationActions(conversation: Conversation) {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { id } = conversation;
  const shown = useMatch("/c/:conversationId/*")?.params.conversationId === id;

  const title = conversation.title || t("nav.untitled");
  const change = (wanted: ConversationChange, before: Partial<Conversation>): void => {
    changeConversation(queries, id, wanted);
    saveConversation(queries, id, wanted).catch((error: unknown) => {
      changeConversation(queries, id, before);
      toastError(error, t);
    });
  };
  const restore = (): void => {
    restoreConversation(queries, id).then(
      () => shown && navigate(`/c/${id}`),
      (error: unknown) => toastError(error, t),
    );
  };
  const remove = (): void => {
    const trashed = trashConversation(queries, id);
    if (shown) void navigate("/");
    trashed.then(
      () => done(t("nav.deleted", { title }), restore, t),
      (error: unknown) => {
        putConversation(queries, queries.getQueryData<Conversation>(keys.conversation(id)) ?? conversation);
        toastError(error, t);
      },
    );
  };
  return {
    shown,
    rename: (wanted: string) => {
      const [after, before] = [{ title: wanted }, { title: conversation.title }];
      change(after, before);
      done(t("nav.renamed", { title: wanted }), () => change(before, after), t);
    },
    togglePin: () => change({ pinned: !conversation.pinned }, { pinned: conversation.pinned }),
    remove,
  };
}
