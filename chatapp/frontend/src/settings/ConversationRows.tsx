import type { ReactNode } from "react";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";

interface ConversationRowsProps {
  items: readonly Conversation[];
  row(conversation: Conversation): ReactNode;
  /** Loads more; null where these are all. */
  onMore: (() => void) | null;
}

/** Conversations that are not in the sidebar, one in a row. */
export function ConversationRows({ items, row, onMore }: ConversationRowsProps): ReactNode {
  const t = useT();
  return (
    <>
      <ul className="conversation-rows">{items.map(row)}</ul>
      {onMore && (
        <div>
          <button type="button" className="button" onClick={onMore}>
            {t("settings.more")}
          </button>
        </div>
      )}
    </>
  );
}
