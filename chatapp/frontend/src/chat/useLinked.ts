import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { useNavigate, useParams } from "react-router";
import { patchConversation } from "../api/conversations";
import { withStretch, type History, type Stretch } from "../api/history";
import { keys } from "../api/keys";
import { aroundQuery, refreshMessages } from "../api/queries";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";

/** A linked message, and where it is shown. */
export interface Linked {
  messageId: string;
  /** Its part of its branch; null where the shown end of the conversation holds it. */
  stretch: Stretch | null;
  /** Goes to the end of its branch, which is then the one that is shown. Throws `ApiError` or `Unreachable`. */
  goOn(): Promise<void>;
}

/** The message that the address names, and the messages to show: around it, until that part meets the conversation's end. */
export function useLinked(conversationId: string | null, history: History | undefined) {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { messageId = "" } = useParams();
  const id = conversationId ?? "";
  const { data: around, error } = useQuery({ ...aroundQuery(id, messageId), enabled: conversationId !== null && messageId !== "" });
  const held = messageId === "" || history?.items.some((message) => message.id === messageId);
  useEffect(() => {
    if (!around) return;
    queries.setQueryData<History>(keys.messages(id), (newest) => newest && withStretch(newest, around));
  }, [around, id, queries]);
  useEffect(() => {
    if (error) toastError(error, t);
  }, [error, t]);
  const goOn = useCallback(async () => {
    await patchConversation(queries, id, { activeMessageId: messageId });
    await refreshMessages(queries, id);
    void navigate(`/c/${id}`, { replace: true });
  }, [queries, id, messageId, navigate]);
  const shown = held || error ? history : history && around;
  const linked: Linked | null = messageId === "" || error ? null : { messageId, stretch: held ? null : (around ?? null), goOn };
  return { shown, linked };
}
