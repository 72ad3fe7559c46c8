import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, type ReactNode } from "react";
import { Link } from "react-router";
import { saveConversation } from "../api/conversations";
import { keys } from "../api/keys";
import { archiveQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";
import { ConversationRows } from "./ConversationRows";
import { leaveRow } from "./leaveRow";
import { Section } from "./Section";

/** Archived conversations. An empty archive is not shown. */
export function ArchiveSection(): ReactNode {
  const t = useT();
  const { data, hasNextPage, fetchNextPage } = useInfiniteQuery(archiveQuery);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={t("settings.archive")} lead={t("settings.archive.lead")}>
      <ConversationRows
        items={items}
        row={(conversation) => <ArchiveRow key={conversation.id} conversation={conversation} />}
        onMore={hasNextPage ? () => void fetchNextPage() : null}
      />
    </Section>
  );
}

function ArchiveRow({ conversation }: { conversation: Conversation }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const row = useRef<HTMLLIElement>(null);
  const unarchive = useMutation({
    mutationFn: () => saveConversation(queries, conversation.id, { archived: false }),
    onSuccess: () => leaveRow(row.current),
    onError: (error) => toastError(error, t),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.archive }),
  });
  return (
    <li ref={row}>
      <span dir="auto">
        <Link to={`/c/${conversation.id}`}>{conversation.title || t("nav.untitled")}</Link>
      </span>
      <button type="button" className="button small" onClick={() => unarchive.mutate()}>
        {t("settings.archive.back")}
      </button>
    </li>
  );
}
