import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { conversationsQuery } from "../api/queries";
import { useI18n } from "../i18n";
import { LoadFailed } from "../ui/LoadFailed";
import { ConversationItem } from "./ConversationItem";
import { rows, type Group } from "./groups";
import { useToday } from "./useToday";

/** All conversations, by day. Only the rows near the viewport are in the document. */
export function ConversationList({ filter }: { filter: string }): ReactNode {
  const { t } = useI18n();
  const scroller = useRef<HTMLDivElement>(null);
  const handle = useRef<VirtualizerHandle>(null);
  const { data, error, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, refetch } = useInfiniteQuery(conversationsQuery);
  const [renaming, setRenaming] = useState<string | null>(null);
  const today = useToday();
  const shown = useMemo(() => {
    const all = data?.pages.flatMap((page) => page.items) ?? [];
    const wanted = filter.toLocaleLowerCase();
    return rows(wanted ? all.filter((item) => item.title.toLocaleLowerCase().includes(wanted)) : all, today);
  }, [data, filter, today]);
  // A title that is being typed must not vanish with its row when the list is scrolled.
  const kept = shown.findIndex((row) => row.type === "conversation" && row.conversation.id === renaming);

  const loadMore = (): void => {
    const list = handle.current;
    if (!list || !hasNextPage || isFetchingNextPage || isFetchNextPageError) return; // after a failure, only a click tries again
    if (list.scrollOffset + list.viewportSize > list.scrollSize - 400) void fetchNextPage();
  };
  useEffect(loadMore); // a list that does not fill the sidebar cannot be scrolled to load more

  return (
    <nav className="conversations" ref={scroller} aria-label={t("nav.conversations")} onKeyDown={moveFocus}>
      {error && !data && <LoadFailed text={t("nav.failed")} onRetry={() => void refetch()} />}
      {data && shown.length === 0 && <p className="conversations-note">{t(filter ? "nav.noMatch" : "nav.empty")}</p>}
      <Virtualizer ref={handle} scrollRef={scroller} bufferSize={300} keepMounted={kept < 0 ? [] : [kept]} onScroll={loadMore}>
        {shown.map((row) =>
          row.type === "heading" ? (
            <GroupHeading key={`# ${row.key}`} group={row.group} />
          ) : (
            <ConversationItem
              key={row.conversation.id}
              conversation={row.conversation}
              renaming={row.conversation.id === renaming}
              onRename={setRenaming}
            />
          ),
        )}
      </Virtualizer>
      {isFetchNextPageError && <LoadFailed text={t("nav.moreFailed")} onRetry={() => void fetchNextPage()} />}
    </nav>
  );
}

function GroupHeading({ group }: { group: Group }): ReactNode {
  const { t, time } = useI18n();
  return (
    <h2 className="conversations-heading">
      {group.kind === "calendar" ? time(group.month, { month: "long", year: "numeric" }) : t(`nav.${group.kind}`)}
    </h2>
  );
}

/** The arrow keys move through the list. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>(".conversation-link")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  links[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
}
