import { useQueryClient } from "@tanstack/react-query";
import { useMatch, useNavigate } from "react-router";
import { changeConversation, putConversation } from "../api/cache";
import { restoreConversation, saveConversation, trashConversation } from "../api/conversations";
import { keys } from "../api/keys";
import type { Conversation, ConversationChange } from "../api/types";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";
import { done } from "../ui/undo";
import { shortTitle } from "./whatOf";

/** What can be done with a conversation. The page shows it at once, and undoes it where the server refuses. */
export function useConversationActions() {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const shownId = useMatch("/c/:conversationId/*")?.params.conversationId;

  const change = ({ id }: Conversation, wanted: ConversationChange, before: Partial<Conversation>): void => {
    changeConversation(queries, id, wanted);
    saveConversation(queries, id, wanted).catch((error: unknown) => {
      changeConversation(queries, id, before);
      toastError(error, t);
    });
  };
  const restore = (id: string): void => {
    restoreConversation(queries, id).then(
      () => id === shownId && navigate(`/c/${id}`),
      (error: unknown) => toastError(error, t),
    );
  };
  const remove = (conversation: Conversation): void => {
    const { id, title } = conversation;
    const trashed = trashConversation(queries, id);
    if (id === shownId) void navigate("/");
    trashed.then(
      () => done(t("nav.deleted", { title: shortTitle(title, t) }), () => restore(id), t),
      (error: unknown) => {
        putConversation(queries, queries.getQueryData<Conversation>(keys.conversation(id)) ?? conversation);
        toastError(error, t);
      },
    );
  };
  return {
    shownId,
    rename: (conversation: Conversation, wanted: string) => {
      const [after, before] = [{ title: wanted }, { title: conversation.title }];
      change(conversation, after, before);
      done(t("nav.renamed", { title: shortTitle(wanted, t) }), () => change(conversation, before, after), t);
    },
    togglePin: (conversation: Conversation) => change(conversation, { pinned: !conversation.pinned }, { pinned: conversation.pinned }),
    remove,
  };
}
