import { useQueryClient } from "@tanstack/react-query";
import { ArrowDown } from "lucide-react";
import { useCallback, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type ReactNode, type Ref } from "react";
import { Virtualizer, type CacheSnapshot, type VirtualizerHandle } from "virtua";
import type { History } from "../api/history";
import { loadOlder } from "../api/queries";
import { useT } from "../i18n";
import { MessageRow } from "./MessageRow";
import type { Unsent } from "./outbox";
import { UnsentRow } from "./UnsentRow";
import { usePlace } from "./usePlace";
import { useStickToEnd } from "./useStickToEnd";

export interface ThreadHandle {
  /** Scrolls to a message that is loaded. */
  show(messageId: string): void;
}

interface ThreadProps {
  conversationId: string;
  history: History | undefined;
  unsent: readonly Unsent[];
  onEdit(text: string): void;
  ref?: Ref<ThreadHandle>;
}

const HEAD = 64; // px above the first message, where the page says whether there is more
const NEAR = 90; // px that stay above a message that is scrolled to
const NEAR_TOP = 1200; // px from the top at which older messages are fetched, before the reader gets there

/** Row heights measured earlier, so that a conversation opens in its place at once. */
const measured = new Map<string, { rows: number; cache: CacheSnapshot }>();

/** The messages. Only those near the viewport are in the document, however long the conversation is. */
export default function Thread({ conversationId, history, unsent, onEdit, ref }: ThreadProps): ReactNode {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const rows = useRows(history, unsent);
  const older = useOlder(conversationId, history);
  const shift = usePrepended(rows);
  const stick = useStickToEnd(scroller, content, rows.length, unsent.at(-1)?.id);
  const cache = useMeasured(conversationId, rows.length, list);
  const { leave } = stick;
  const go = useCallback(
    (row: number, above: number) => {
      if (row < 0) return;
      leave();
      list.current?.scrollToIndex(row, { offset: above });
    },
    [leave],
  );
  usePlace(conversationId, rows, scroller, stick.isAtEnd, go);
  useImperativeHandle(ref, () => ({ show: (messageId) => go(rows.findIndex(({ id }) => id === messageId), -NEAR) }), [rows, go]);

  const scrolled = (offset: number): void => {
    stick.scrolled();
    if (offset < NEAR_TOP) older.load();
  };
  const lastAnswer = history?.items.at(-1)?.id;
  return (
    <div className="thread">
      <div className="thread-scroller" ref={scroller} role="region" aria-label={t("thread.label")} tabIndex={0}>
        <div className="thread-content" ref={content}>
          <div className="thread-head" style={{ height: HEAD }}>
            {older.failed ? (
              <button type="button" className="link-button" onClick={older.retry}>
                {t("thread.olderFailed")} {t("app.retry")}
              </button>
            ) : history?.olderCursor ? (
              t("thread.older")
            ) : (
              history && rows.length > 0 && t("thread.begin")
            )}
          </div>
          {rows.length > 0 && (
            <Virtualizer ref={list} scrollRef={scroller} shift={shift} startMargin={HEAD} bufferSize={700} itemSize={120} cache={cache} onScroll={scrolled}>
              {rows.map((row) =>
                "state" in row ? (
                  <UnsentRow key={row.id} unsent={row} onEdit={onEdit} />
                ) : (
                  <MessageRow key={row.id} message={row} last={row.id === lastAnswer} />
                ),
              )}
            </Virtualizer>
          )}
        </div>
      </div>
      {!stick.atEnd && (
        <button type="button" className="to-end" aria-label={t("thread.toEnd")} title={t("thread.toEnd")} onClick={stick.toEnd}>
          <ArrowDown size={18} aria-hidden />
        </button>
      )}
    </div>
  );
}

function useRows(history: History | undefined, unsent: readonly Unsent[]) {
  return useMemo(() => {
    const stored = history?.items ?? [];
    const known = new Set(stored.map((message) => message.id));
    return [...stored, ...unsent.filter(({ id }) => !known.has(id))];
  }, [history, unsent]);
}

/** Whether this render has new rows in front of the previous ones: then the scroll position is kept from the end. */
function usePrepended(rows: readonly { id: string }[]): boolean {
  const before = useRef<string | undefined>(undefined);
  const first = rows[0]?.id;
  const prepended = before.current !== undefined && before.current !== first && rows.some((row) => row.id === before.current);
  useLayoutEffect(() => {
    before.current = first;
  }, [first]);
  return prepended;
}

function useOlder(conversationId: string, history: History | undefined) {
  const queries = useQueryClient();
  const loading = useRef(false);
  const [failed, setFailed] = useState(false);
  const retry = (): void => {
    if (loading.current) return;
    loading.current = true;
    setFailed(false);
    loadOlder(queries, conversationId)
      .catch(() => setFailed(true))
      .finally(() => (loading.current = false));
  };
  const load = (): void => {
    if (!failed && history?.olderCursor) retry();
  };
  return { load, retry, failed };
}

function useMeasured(conversationId: string, rows: number, list: { current: VirtualizerHandle | null }) {
  const [known] = useState(() => measured.get(conversationId));
  const count = useRef(rows);
  useLayoutEffect(() => {
    count.current = rows;
  }, [rows]);
  useLayoutEffect(() => {
    const shown = list;
    return () => {
      if (shown.current) measured.set(conversationId, { rows: count.current, cache: shown.current.cache });
    };
  }, [conversationId, list]);
  return known && known.rows === rows ? known.cache : undefined;
}
