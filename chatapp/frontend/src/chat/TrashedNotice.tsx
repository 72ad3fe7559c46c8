import type { ReactNode } from "react";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { useConversationActions } from "../sidebar/useConversationActions";

export function TrashedNotice({ conversation }: { conversation: Conversation }): ReactNode {
  const t = useT();
  const { restore } = useConversationActions(conversation);
  return (
    <div className="trashed">
      <span>{t("thread.trashed")}</span>
      <button type="button" className="button" onClick={restore}>
        {t("thread.restore")}
      </button>
    </div>
  );
}
