import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from "react";
import type { History } from "../api/history";
import { loadAll, messagesQuery } from "../api/queries";
import { useI18n } from "../i18n";
import { isComposing } from "../ui/composing";
import { found } from "./find";
import type { ThreadHandle } from "./Thread";
import { useMarks } from "./useMarks";

interface FindBarProps {
  conversationId: string;
  thread: RefObject<ThreadHandle | null>;
  onClose(): void;
}

/** Finds words in all of a conversation. Enter goes to the next message that has them, Shift+Enter to the one before. */
export default function FindBar({ conversationId, thread, onClose }: FindBarProps): ReactNode {
  const { t, number } = useI18n();
  const field = useRef<HTMLInputElement>(null);
  const { data: history } = useQuery(messagesQuery(conversationId));
  const [words, setWords] = useState("");
  const looked = useDeferredValue(words);
  const hits = useMemo(() => found(history?.items ?? [], looked), [history, looked]);
  const [chosen, setChosen] = useState<string | null>(null);
  const here = chosen !== null && hits.includes(chosen) ? chosen : nearest(history, hits);
  const rest = useRest(conversationId, words !== "");
  useEffect(() => field.current?.focus(), []);
  useEffect(() => {
    if (here !== null) thread.current?.show(here);
    setChosen(here);
  }, [here, thread]);
  useMarks(looked, here);

  const step = (by: number): void => {
    const at = hits.indexOf(here ?? "");
    if (at >= 0) setChosen(hits[(at + by + hits.length) % hits.length]!);
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "Enter" && event.target === field.current) step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
  };
  const count = hits.length > 0 ? t("find.at", { at: number(hits.indexOf(here ?? "") + 1), count: number(hits.length) }) : t("find.none");
  return (
    <div className="find" role="search" onKeyDown={press}>
      <input ref={field} id="find" type="search" dir="auto" value={words} aria-label={t("find.label")} placeholder={t("search.title")} onChange={(event) => setWords(event.target.value)} />
      <span className="find-count" role="status">
        {words && (rest.failed ? t("find.failed") : rest.loading && hits.length === 0 ? t("find.loading", { count: number(rest.count) }) : count)}
      </span>
      <button type="button" className="icon-button small" aria-label={t("find.previous")} title={`${t("find.previous")} (⇧↵)`} disabled={hits.length < 2} onClick={() => step(-1)}>
        <ChevronUp size={17} aria-hidden />
      </button>
      <button type="button" className="icon-button small" aria-label={t("find.next")} title={`${t("find.next")} (↵)`} disabled={hits.length < 2} onClick={() => step(1)}>
        <ChevronDown size={17} aria-hidden />
      </button>
      <button type="button" className="icon-button small" aria-label={t("app.close")} onClick={onClose}>
        <X size={16} aria-hidden />
      </button>
      {rest.loading && <progress aria-label={t("find.loading", { count: number(rest.count) })} />}
    </div>
  );
}

/** The first of the messages from where the reader is on, or else the last one. */
function nearest(history: History | undefined, hits: readonly string[]): string | null {
  const box = document.querySelector(".thread-scroller");
  const top = box?.getBoundingClientRect().top ?? 0;
  const rows = [...(box?.querySelectorAll<HTMLElement>("[data-message-id]") ?? [])];
  const first = rows.find((row) => row.getBoundingClientRect().bottom > top + 1)?.dataset.messageId;
  const later = new Set(history?.items.slice(history.items.findIndex(({ id }) => id === first)).map(({ id }) => id));
  return hits.find((id) => later.has(id)) ?? hits.at(-1) ?? null;
}

/** Loads the rest of the conversation in the background, once there is something to look for. */
function useRest(conversationId: string, wanted: boolean) {
  const queries = useQueryClient();
  const [state, setState] = useState({ loading: false, failed: false, count: 0 });
  useEffect(() => {
    if (!wanted) return;
    const left = new AbortController();
    const say = (change: Partial<typeof state>): void => {
      if (!left.signal.aborted) setState((now) => ({ ...now, ...change }));
    };
    say({ loading: true, failed: false });
    loadAll(queries, conversationId, left.signal, (count) => say({ count })).then(
      () => say({ loading: false }),
      () => say({ loading: false, failed: true }),
    );
    return () => left.abort();
  }, [conversationId, wanted, queries]);
  return state;
}
