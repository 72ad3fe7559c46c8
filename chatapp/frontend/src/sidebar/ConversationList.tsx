import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { listFilter } from "../api/listFilter";
import { listQuery } from "../api/queries";
import { useI18n } from "../i18n";
import { useStore } from "../lib/store";
import { late } from "../ui/late";
import { LoadFailed } from "../ui/LoadFailed";
import { ConversationItem } from "./ConversationItem";
import { rows, type Group } from "./groups";
import { choose, leaveSelection, selection } from "./selection";
import { useToday } from "./useToday";

const SelectionBar = late(() => import("./SelectionBar"));

/** All conversations, by day. Only the rows near the viewport are in the document. */
export function ConversationList({ filter }: { filter: string }): ReactNode {
  const { t } = useI18n();
  const scroller = useRef<HTMLDivElement>(null);
  const handle = useRef<VirtualizerHandle>(null);
  const within = useStore(listFilter);
  const { data, error, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage, refetch } = useInfiniteQuery(listQuery(within));
  const [renaming, setRenaming] = useState<string | null>(null);
  const today = useToday();
  const shown = useMemo(() => {
    const all = data?.pages.flatMap((page) => page.items) ?? [];
    const wanted = filter.toLocaleLowerCase();
    return rows(wanted ? all.filter((item) => item.title.toLocaleLowerCase().includes(wanted)) : all, today);
  }, [data, filter, today]);
  const order = useRef<string[]>([]);
  useEffect(() => void (order.current = shown.flatMap((row) => (row.type === "conversation" ? [row.conversation.id] : []))), [shown]);
  const selected = useStore(selection);
  const select = useCallback((id: string, through: boolean): void => {
    choose(id, through ? order.current : undefined);
    requestAnimationFrame(() => {
      if (document.activeElement?.matches(".conversation-link")) return; // the next key may have moved it by now
      document.querySelector<HTMLElement>(`.conversation-link[data-id="${id}"]`)?.focus(); // the menu had it
    });
  }, []);
  // A title that is being typed must not vanish with its row when the list is scrolled.
  const kept = shown.findIndex((row) => row.type === "conversation" && row.conversation.id === renaming);

  const loadMore = (): void => {
    const list = handle.current;
    if (!list || !hasNextPage || isFetchingNextPage || isFetchNextPageError) return; // after a failure, only a click tries again
    if (list.scrollOffset + list.viewportSize > list.scrollSize - 400) void fetchNextPage();
  };
  useEffect(loadMore); // a list that does not fill the sidebar cannot be scrolled to load more

  const press = (event: KeyboardEvent<HTMLElement>): void => {
    if (selected && event.key === "Escape") leaveSelection();
    else if (selected && event.key === "Delete") document.querySelector<HTMLElement>("[data-action=trash]")?.click();
    else return moveFocus(event, select);
    event.preventDefault();
  };

  return (
    <>
      <nav className="conversations" ref={scroller} aria-label={t("nav.conversations")} onKeyDown={press}>
        {error && !data && <LoadFailed text={t("nav.failed")} onRetry={() => void refetch()} />}
        {data && shown.length === 0 && <p className="conversations-note">{t(filter ? "nav.noMatch" : within.projectId || within.tag ? "nav.emptyHere" : "nav.empty")}</p>}
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
                selected={selected && selected.has(row.conversation.id)}
                onSelect={select}
              />
            ),
          )}
        </Virtualizer>
        {isFetchNextPageError && <LoadFailed text={t("nav.moreFailed")} onRetry={() => void fetchNextPage()} />}
      </nav>
      {selected && <SelectionBar ids={selected} />}
    </>
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

/** The arrow keys move through the list, and with Shift they select. */
function moveFocus(event: KeyboardEvent<HTMLElement>, select: (id: string, through: boolean) => void): void {
  if (event.altKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>(".conversation-link")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (event.shiftKey && !selection.get()) select(links[at]!.dataset.id!, false);
  if (event.shiftKey && next) select(next.dataset.id!, true);
  next?.focus();
}
