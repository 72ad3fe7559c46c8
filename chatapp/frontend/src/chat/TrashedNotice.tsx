import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { restoreConversation } from "../api/conversations";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";

/** Takes the composer's place while the conversation is in the trash. */
export function TrashedNotice({ conversationId }: { conversationId: string }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const restore = (): void => void restoreConversation(queries, conversationId).catch((error: unknown) => toast(errorText(error, t)));
  return (
    <div className="trashed-notice">
      <span>{t("thread.trashed")}</span>
      <button type="button" className="button" onClick={restore}>
        {t("thread.restore")}
      </button>
    </div>
  );
}
