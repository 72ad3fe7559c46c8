import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { useLocation, useNavigate, useParams } from "react-router";
import { patchConversation } from "../api/conversations";
import { withStretch, type History, type Stretch } from "../api/history";
import { keys } from "../api/keys";
import { aroundQuery, refreshMessages } from "../api/queries";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";
import { placeIn } from "./places";

/** A linked message, and where it is shown. */
export interface Linked {
  messageId: string;
  /** It is where the reader left, far from the end. Nobody asked for it, so it is not marked. */
  kept: boolean;
  /** Its part of its branch; null where the shown end of the conversation holds it. */
  stretch: Stretch | null;
  /** Goes to the end of its branch, which is then the one that is shown; in the trash to what is shown there. Throws `ApiError` or `Unreachable`. */
  goOn(): Promise<void>;
}

/** The message that the address names, and the messages to show: around it, until that part meets the conversation's end. */
export function useLinked(conversationId: string | null, history: History | undefined, readOnly: boolean) {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { messageId = "" } = useParams();
  const id = conversationId ?? "";
  const kept = (useLocation().state as { kept?: boolean } | null)?.kept === true;
  useReturn(id, messageId, history);
  const { data: around, error } = useQuery({ ...aroundQuery(id, messageId), enabled: conversationId !== null && messageId !== "" });
  const isThere = history !== undefined; // the page says so where it is not
  const held = messageId === "" || history?.items.some((message) => message.id === messageId);
  useEffect(() => {
    if (!around) return;
    queries.setQueryData<History>(keys.messages(id), (newest) => newest && withStretch(newest, around));
  }, [around, id, queries]);
  useEffect(() => {
    if (error && kept) void navigate(`/c/${id}`, { replace: true });
    else if (error && isThere) toastError(error, t);
  }, [error, kept, isThere, id, navigate, t]);
  const goOn = useCallback(async () => {
    if (!readOnly) {
      await patchConversation(queries, id, { activeMessageId: messageId });
      await refreshMessages(queries, id);
    }
    void navigate(`/c/${id}`, { replace: true });
  }, [queries, id, messageId, navigate, readOnly]);
  const shown = held || error ? history : history && around;
  const linked: Linked | null = messageId === "" || error ? null : { messageId, kept, stretch: held ? null : (around ?? null), goOn };
  return { shown, linked };
}

/** Goes to where the reader left the conversation, if that is farther back than the page has loaded. */
function useReturn(conversationId: string, messageId: string, history: History | undefined): void {
  const navigate = useNavigate();
  const looked = useRef(false);
  useEffect(() => {
    if (looked.current || !history) return;
    looked.current = true;
    const place = messageId === "" ? placeIn(conversationId) : undefined;
    if (!place || history.items.some(({ id }) => id === place.id)) return;
    void navigate(`/c/${conversationId}/m/${place.id}`, { replace: true, state: { kept: true } });
  }, [conversationId, messageId, history, navigate]);
}
