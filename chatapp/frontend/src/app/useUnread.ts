import { useInfiniteQuery, useQueryClient, type InfiniteData, type QueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useMatch, useNavigate } from "react-router";
import { keys } from "../api/keys";
import { conversationsQuery } from "../api/queries";
import type { Conversation, Page } from "../api/types";
import { useVisible } from "../chat/useReading";
import { useT } from "../i18n";
import { notify } from "../ui/notifications";
import { unreadCount } from "../ui/tabMark";

/** Counts the unread answers in the tab's title, and notifies of new ones that end where nobody looks. */
export function useUnread(): void {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const visible = useVisible();
  const open = useMatch("/c/:conversationId/*")?.params.conversationId;
  const seen = visible ? open : undefined;
  useInfiniteQuery({ ...conversationsQuery, notifyOnChangeProps: [] }); // also while the sidebar, which shows it, is closed
  useEffect(() => {
    let known: Set<string> | null = null; // what was unread before is no news
    const look = (): void => {
      const listed = listedIn(queries);
      if (!listed) return;
      const unread = listed.filter((one) => one.unread && one.id !== seen);
      for (const { id, title } of known ? unread : []) {
        if (!known?.has(id)) notify(title || t("nav.untitled"), t("notify.answered"), id, () => void navigate(`/c/${id}`));
      }
      known = new Set(unread.map(({ id }) => id));
      unreadCount.set(known.size);
    };
    look();
    return queries.getQueryCache().subscribe(({ type, query }) => {
      if (type === "updated" && query.queryKey[0] === keys.conversations[0]) look();
    });
  }, [queries, navigate, seen, t]);
  useEffect(() => () => unreadCount.set(0), []);
}

/** All conversations of the list as far as it is cached, or undefined where none of it is. */
function listedIn(queries: QueryClient): Conversation[] | undefined {
  const lists = queries.getQueriesData<InfiniteData<Page<Conversation>>>({ queryKey: keys.conversations }).flatMap(([, data]) => data ?? []);
  const items = lists.flatMap(({ pages }) => pages.flatMap((page) => page.items));
  return lists.length > 0 ? [...new Map(items.map((one) => [one.id, one])).values()] : undefined;
}
