import { useQueryClient } from "@tanstack/react-query";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { api, unwrap } from "../api/client";
import { refreshMessages } from "../api/queries";
import type { Message } from "../api/types";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";

/** Walks between the alternatives of a message. */
export function Siblings({ message }: { message: Message }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const ids = message.siblingIds ?? [];
  if (ids.length < 2) return null;
  const at = ids.indexOf(message.id);
  const go = (id: string | undefined): void => {
    if (!id) return;
    const path = { conversationId: message.conversationId };
    unwrap(api.PATCH("/api/conversations/{conversationId}", { params: { path }, body: { activeMessageId: id } }))
      .then(() => refreshMessages(queries, message.conversationId))
      .catch((error: unknown) => toast(errorText(error, t)));
  };
  return (
    <span className="siblings">
      <button type="button" className="message-tool" aria-label={t("thread.previous")} disabled={at <= 0} onClick={() => go(ids[at - 1])}>
        <ChevronLeft size={15} aria-hidden />
      </button>
      {t("thread.sibling", { at: at + 1, count: ids.length })}
      <button type="button" className="message-tool" aria-label={t("thread.next")} disabled={at === ids.length - 1} onClick={() => go(ids[at + 1])}>
        <ChevronRight size={15} aria-hidden />
      </button>
    </span>
  );
}
