import type { ReactNode } from "react";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";

interface ConversationShelfProps {
  items: readonly Conversation[];
  row(conversation: Conversation): ReactNode;
  /** Fetches more of them; null where these are all. */
  onMore: (() => void) | null;
}

/** Conversations that are in no sidebar, each in a row of its own. */
export function ConversationShelf({ items, row, onMore }: ConversationShelfProps): ReactNode {
  const t = useT();
  return (
    <>
      <ul className="shelf">{items.map(row)}</ul>
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
