import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, ListFilter, X } from "lucide-react";
import { useEffect, useMemo, useRef, type ReactNode } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { isGone } from "../api/errors";
import { conversationQuery, searchQuery } from "../api/queries";
import { useMarks } from "../chat/useMarks";
import { useI18n } from "../i18n";
import { isComposing } from "../ui/composing";
import { isTyping } from "../ui/isTyping";
import "../styles/search.css";
import { hitPath, orderOf, resultsPath, wordsIn } from "./terms";

interface HitBarProps {
  conversationId: string;
  messageId: string;
}

/** Over a message that was found: marks the words in it, and leads to the other hits (n and p) and back to all of them. */
export default function HitBar({ conversationId, messageId }: HitBarProps): ReactNode {
  const { t, number } = useI18n();
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const [q, sort] = [params.get("q") ?? "", orderOf(params)];
  const bar = useRef<HTMLDivElement>(null);
  const { error } = useQuery({ ...conversationQuery(conversationId), enabled: false });
  const { data, hasNextPage, isFetching, fetchNextPage } = useInfiniteQuery({ ...searchQuery(q, sort), staleTime: Infinity });
  const hits = data?.pages.flatMap((page) => page.items).filter((hit) => hit.messageId !== null) ?? [];
  const at = hits.findIndex((hit) => hit.messageId === messageId);
  useMarks(useMemo(() => wordsIn(q), [q]), messageId);
  const wanted = useRef<string | null>(messageId); // ahead of what is shown where keys follow each other fast
  useEffect(() => void (wanted.current = messageId), [messageId]);
  useEffect(() => bar.current?.focus({ preventScroll: true }), [messageId]); // n and p are keys here, not text
  useEffect(() => {
    if (at >= hits.length - 2 && hasNextPage && !isFetching) void fetchNextPage();
  }, [at, hits.length, hasNextPage, isFetching, fetchNextPage]);

  const go = (by: number): void => {
    const next = hits[hits.findIndex((hit) => hit.messageId === wanted.current) + by];
    if (!next) return;
    wanted.current = next.messageId;
    void navigate(hitPath(next, q, sort), { replace: true }); // Back leads to the results
  };
  const close = (): void => void navigate(`/c/${conversationId}/m/${messageId}`, { replace: true });
  useKeys(isGone(error) ? {} : { n: () => go(1), p: () => go(-1), Escape: close });
  if (isGone(error)) return null; // the page says so
  return (
    <div className="find hit-bar" role="search" aria-label={t("search.hits")} ref={bar} tabIndex={-1}>
      <Link className="icon-button small" to={resultsPath(q, sort)} aria-label={t("search.all")} title={t("search.all")}>
        <ListFilter size={16} aria-hidden />
      </Link>
      <span className="hit-words" dir="auto">
        {q}
      </span>
      <span className="find-count" role="status">
        {at >= 0 && t("find.at", { at: number(at + 1), count: number(hits.length) + (hasNextPage ? "+" : "") })}
      </span>
      <button type="button" className="icon-button small" aria-label={t("search.previousHit")} title={`${t("search.previousHit")} (p)`} disabled={at <= 0} onClick={() => go(-1)}>
        <ChevronUp size={17} aria-hidden />
      </button>
      <button type="button" className="icon-button small" aria-label={t("search.nextHit")} title={`${t("search.nextHit")} (n)`} disabled={at + 1 >= hits.length} onClick={() => go(1)}>
        <ChevronDown size={17} aria-hidden />
      </button>
      <button type="button" className="icon-button small" aria-label={t("app.close")} title={`${t("app.close")} (Esc)`} onClick={close}>
        <X size={16} aria-hidden />
      </button>
    </div>
  );
}

/** Keys that are pressed where nothing is typed. */
function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const latest = useRef(keys);
  useEffect(() => void (latest.current = keys));
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isComposing(event) || isTyping(event.target)) return;
      const run = latest.current[event.key];
      if (!run || document.querySelector("[role=dialog], [role=menu]")) return;
      event.preventDefault();
      run();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
