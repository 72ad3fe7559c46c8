import { useQuery } from "@tanstack/react-query";
import { Search } from "lucide-react";
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent, type MouseEvent, type ReactNode } from "react";
import { useNavigationType, useSearchParams } from "react-router";
import { foundQuery } from "../api/queries";
import { useI18n } from "../i18n";
import { errorText } from "../ui/errorText";
import { LoadFailed } from "../ui/LoadFailed";
import { useTitle } from "../ui/useTitle";
import { Chips } from "./Chips";
import { HitList } from "./HitList";
import { MOST_TYPED, orderOf } from "./terms";
import { useHits } from "./useHits";
import { useSettled } from "./useSettled";
import "../styles/search.css";

const IN_THE_ADDRESS = 300; // ms after the last key: browsers refuse addresses that change more often
const NEAR_END = 900; // px before the end at which more is fetched
const MOST_COUNTED = 1000; // as the server counts

/** How far the results of a query were scrolled, for the way back. */
const places = new Map<string, number>();
/** Where the link leads that was followed last: it has the focus again on the way back. */
let followed: string | null = null;

/** All that a query finds, as one types. Back returns to it as it was left. */
export default function SearchPage(): ReactNode {
  const { t, number } = useI18n();
  useTitle(t("search.title"));
  const [params, setParams] = useSearchParams();
  const [returned] = useState(useNavigationType() === "POP");
  const [text, setText, putInAddress] = useTyped();
  const box = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const sort = orderOf(params);
  const { q, first, note, hits, error, hasNextPage, isFetching, isFetchNextPageError, isPlaceholderData, fetchNextPage, refetch } = useHits(text, sort, !returned);
  const place = `${sort} ${q}`;

  useEffect(() => {
    if (returned) [...box.current!.querySelectorAll("a")].find((link) => link.getAttribute("href") === followed)?.focus({ preventScroll: true });
    else if (!matchMedia("(pointer: coarse)").matches) field.current?.focus();
  }, [returned]);
  useLayoutEffect(() => {
    if (box.current && !isPlaceholderData) box.current.scrollTop = returned ? (places.get(place) ?? 0) : 0;
  }, [place, isPlaceholderData, returned]);
  const loadMore = (): void => {
    const at = box.current;
    if (!at || !hasNextPage || isFetching || isFetchNextPageError || isPlaceholderData) return;
    if (at.scrollTop + at.clientHeight > at.scrollHeight - NEAR_END) void fetchNextPage();
  };
  useEffect(loadMore); // results that do not fill the page cannot be scrolled to load more
  const scrolled = (): void => {
    if (!isPlaceholderData) places.set(place, box.current!.scrollTop);
    loadMore();
  };
  const leave = ({ target }: MouseEvent): void => {
    followed = (target as Element).closest("a")?.getAttribute("href") ?? null;
    putInAddress();
  };
  // Counting may take longer than finding: it waits until the typing pauses, and until all can be counted.
  const isCounted = hasNextPage && first?.total === null && first.conversations === null && !isPlaceholderData && q === params.get("q");
  const { data: counted } = useQuery({ ...foundQuery(q), enabled: isCounted, refetchOnMount: ({ state }) => !returned || state.isInvalidated });
  const total = first?.total ?? counted ?? hits.length;
  const isMore = total >= MOST_COUNTED || (hasNextPage && total <= hits.length);
  const count = first && t(total === 1 ? "search.one" : "search.total", { count: number(total) + (isMore ? "+" : "") });
  return (
    <div className="search-page" ref={box} onScroll={scrolled} onKeyDown={moveFocus} onClickCapture={leave}>
      <div className="search-column">
        <h1>{t("search.title")}</h1>
        <div className="search-field" role="search">
          <Search size={18} aria-hidden />
          <input ref={field} className="search-stop" type="search" autoCapitalize="none" spellCheck={false} maxLength={MOST_TYPED} dir="auto" value={text} aria-label={t("search.label")} placeholder={t("search.label")} onChange={(event) => setText(event.target.value)} />
        </div>
        <Chips q={text} onChange={setText} sort={sort} onSort={(wanted) => setParams({ q: text, sort: wanted }, { replace: true })} />
        <p className="search-note" role="status">
          {q === "" ? t("search.hint") : first?.total === 0 && !isPlaceholderData ? t("search.none") : count}
          {note && ` ${note}`}
        </p>
        {error && hits.length === 0 && <LoadFailed text={errorText(error, t)} onRetry={() => void refetch()} />}
        <HitList hits={hits} q={q} sort={sort} />
        {isFetchNextPageError && <LoadFailed text={t("search.moreFailed")} onRetry={() => void fetchNextPage()} />}
      </div>
    </div>
  );
}

/**
 * The text in the field, which the address follows after a pause, or at once where the person is about to leave. A link
 * or Back to another query changes the text.
 */
function useTyped() {
  const [params, setParams] = useSearchParams();
  const inAddress = params.get("q") ?? "";
  const [text, setText] = useState(inAddress);
  const settled = useSettled(text, IN_THE_ADDRESS);
  const written = useRef(inAddress);
  useEffect(() => {
    if (inAddress !== written.current) setText(inAddress);
    written.current = inAddress;
  }, [inAddress]);
  const [here] = useState(location.pathname);
  const put = (q: string): void => {
    if (q === written.current || location.pathname !== here) return; // this page stays until the next one has loaded
    written.current = q;
    setParams((now) => ({ ...Object.fromEntries(now), q }), { replace: true });
  };
  useEffect(() => put(settled), [settled]);
  return [text, setText, () => put(text)] as const;
}

/** The arrow keys move from the field through the hits. */
function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  if (event.altKey || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>(".search-stop")];
  const at = stops.indexOf(document.activeElement as HTMLElement);
  if (at < 0) return;
  event.preventDefault();
  stops[at + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
}
