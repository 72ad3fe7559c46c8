import { infiniteQueryOptions, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, type ReactNode } from "react";
import { Link } from "react-router";
import { api, unwrap } from "../api/client";
import { putConversation } from "../api/queries";
import type { Conversation, Page } from "../api/types";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";
import { ConversationShelf } from "./ConversationShelf";
import { leaveRow } from "./leaveRow";
import { Section } from "./Section";

export const ARCHIVE = ["archive"] as const;

const archiveQuery = infiniteQueryOptions({
  queryKey: ARCHIVE,
  queryFn: ({ pageParam: cursor }) =>
    unwrap(api.GET("/api/conversations/", { params: { query: { limit: 50, archived: true, ...(cursor === null ? {} : { cursor }) } } })),
  initialPageParam: null as string | null,
  getNextPageParam: (page: Page<Conversation>) => page.nextCursor,
});

/** Conversations that another program has archived. Nobody needs to hear of an archive that is empty. */
export function ArchiveSection(): ReactNode {
  const t = useT();
  const { data, hasNextPage, fetchNextPage } = useInfiniteQuery(archiveQuery);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  if (items.length === 0) return null;
  return (
    <Section title={t("settings.archive")} lead={t("settings.archive.lead")}>
      <ConversationShelf
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
  const path = { conversationId: conversation.id };
  const back = useMutation({
    mutationFn: () => unwrap(api.PATCH("/api/conversations/{conversationId}", { params: { path }, body: { archived: false } })),
    onSuccess: (saved) => {
      leaveRow(row.current);
      putConversation(queries, saved);
    },
    onError: (error) => toast(errorText(error, t)),
    onSettled: () => queries.invalidateQueries({ queryKey: ARCHIVE }),
  });
  return (
    <li ref={row}>
      <span dir="auto">
        <Link to={`/c/${conversation.id}`}>{conversation.title || t("nav.untitled")}</Link>
      </span>
      <button type="button" className="button small" onClick={() => back.mutate()}>
        {t("settings.archive.back")}
      </button>
    </li>
  );
}
