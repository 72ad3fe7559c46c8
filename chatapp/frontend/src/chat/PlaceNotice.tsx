import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { restoreConversation, saveConversation } from "../api/conversations";
import { keys } from "../api/keys";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";

async function unarchive(queries: QueryClient, id: string): Promise<void> {
  await saveConversation(queries, id, { archived: false });
  void queries.invalidateQueries({ queryKey: keys.archive });
}

/** Says that a conversation is in the trash or in the archive, and takes it out. */
export function PlaceNotice({ conversation: { id, trashedAt } }: { conversation: Conversation }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const takeOut = trashedAt ? restoreConversation : unarchive;
  return (
    <div className="place-notice">
      <span>{t(trashedAt ? "thread.trashed" : "thread.archived")}</span>
      <button type="button" className="button small" onClick={() => void takeOut(queries, id).catch((error: unknown) => toastError(error, t))}>
        {t(trashedAt ? "thread.restore" : "settings.archive.back")}
      </button>
    </div>
  );
}
