import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { ArrowDown } from "lucide-react";
import { useCallback, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type ReactNode, type Ref } from "react";
import { Virtualizer, type CacheSnapshot, type VirtualizerHandle } from "virtua";
import type { History } from "../api/history";
import type { Message } from "../api/types";
import { keys } from "../api/keys";
import { loadNewer, loadOlder } from "../api/queries";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";
import { MessageRow } from "./MessageRow";
import type { Unsent } from "./outbox";
import { UnsentRow } from "./UnsentRow";
import type { Linked } from "./useLinked";
import { NEAR, usePlace } from "./usePlace";
import { useStickToEnd } from "./useStickToEnd";

export interface ThreadHandle {
  /** Scrolls to a message that is loaded. */
  show(messageId: string): void;
}

interface ThreadProps {
  conversationId: string;
  history: History | undefined;
  /** The message that the address names. */
  linked: Linked | null;
  /** What was read last, where there is something unread; undefined until that is known. */
  stoppedAt: string | null | undefined;
  unsent: readonly Unsent[];
  onEdit(text: string): void;
  ref?: Ref<ThreadHandle>;
}

const HEAD = 64; // px above the first message, where the page says whether there is more
const NEAR_EDGE = 1200; // px from either end at which more messages are fetched, before the reader gets there

const NONE: readonly Unsent[] = [];

/** Row heights measured earlier, so that a conversation opens in its place at once. */
const measured = new Map<string, { rows: number; cache: CacheSnapshot }>();

/** The messages. Only those near the viewport are in the document, however long the conversation is. */
export default function Thread({ conversationId, history, linked, stoppedAt, unsent, onEdit, ref }: ThreadProps): ReactNode {
  const t = useT();
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const stretch = linked?.stretch;
  const markedId = linked?.kept ? undefined : linked?.messageId;
  const rows = useRows(history, stretch ? NONE : unsent); // what is not stored yet comes at the end
  const newerCursor = stretch?.newerCursor;
  const source = stretch ? keys.around(conversationId, linked.messageId) : keys.messages(conversationId);
  const older = useMore(history?.olderCursor, (queries) => loadOlder(queries, conversationId, undefined, source));
  const newer = useMore(newerCursor, (queries) => loadNewer(queries, conversationId, source));
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
  usePlace(conversationId, rows, scroller, stick.isAtEnd, go, markedId, stoppedAt);
  useImperativeHandle(ref, () => ({ show: (messageId) => go(rows.findIndex(({ id }) => id === messageId), -NEAR) }), [rows, go]);

  const scrolled = (offset: number): void => {
    stick.scrolled();
    if (offset < NEAR_EDGE) older.load();
    if (!newerCursor || !list.current) return;
    leave(); // what ends here goes on
    if (offset + list.current.viewportSize > list.current.scrollSize - NEAR_EDGE) newer.load();
  };
  const goingOn = useRef(false);
  const toEnd = (): void => {
    if (!stretch) return stick.toEnd();
    goingOn.current = true;
    linked.goOn().catch((error: unknown) => {
      goingOn.current = false;
      toastError(error, t);
    });
  };
  const { toEnd: stickToEnd } = stick;
  useLayoutEffect(() => {
    if (stretch || !goingOn.current) return;
    goingOn.current = false;
    stickToEnd(); // not before: what is shown until then ends elsewhere, and scrolling there would end the sticking
  }, [stretch, stickToEnd]);
  const lastAnswer = newerCursor ? undefined : history?.items.at(-1)?.id;
  return (
    <div className="thread">
      <div className="thread-scroller" ref={scroller} role="region" aria-label={t("thread.label")} tabIndex={0}>
        <div className="thread-content" ref={content}>
          <div className="thread-head" style={{ height: HEAD }}>
            {older.failed ? (
              <Again text={t("thread.olderFailed")} onClick={older.retry} />
            ) : history?.olderCursor ? (
              t("thread.older")
            ) : (
              history && rows.length > 0 && t("thread.begin")
            )}
          </div>
          {rows.length > 0 && (
            <Virtualizer ref={list} scrollRef={scroller} shift={shift} startMargin={HEAD} bufferSize={700} itemSize={120} cache={cache} onScroll={scrolled}>
              {rows.map((row, at) =>
                "state" in row ? (
                  <UnsentRow key={row.id} unsent={row} onEdit={onEdit} />
                ) : (
                  <div key={row.id} className={row.id === markedId ? "linked" : undefined} aria-current={row.id === markedId ? "location" : undefined}>
                    <MessageRow message={row} last={row.id === lastAnswer} answered={isAnswer(rows[at + 1])} />
                  </div>
                ),
              )}
            </Virtualizer>
          )}
          {newerCursor && <div className="thread-head">{newer.failed ? <Again text={t("thread.newerFailed")} onClick={newer.retry} /> : t("thread.newer")}</div>}
        </div>
      </div>
      {(!stick.atEnd || stretch) && rows.length > 0 && (
        <button type="button" className="to-end" aria-label={t("thread.toEnd")} title={t("thread.toEnd")} onClick={toEnd}>
          <ArrowDown size={18} aria-hidden />
        </button>
      )}
    </div>
  );
}

function Again({ text, onClick }: { text: string; onClick(): void }): ReactNode {
  return (
    <button type="button" className="link-button" onClick={onClick}>
      {text} {useT()("app.retry")}
    </button>
  );
}

const isAnswer = (row: Unsent | Message | undefined): boolean =>
  row !== undefined && "role" in row && row.role === "assistant" && (row.status === "complete" || row.status === "stopped");

function useRows(history: History | undefined, unsent: readonly Unsent[]) {
  return useMemo(() => {
    const stored = history?.items ?? [];
    const known = new Set(stored.map((message) => message.id));
    const added = unsent.filter(({ id }) => !known.has(id));
    // An edit takes the place of what it edits, and of what follows there, from when it is its turn to be sent.
    const edited = new Set(added.filter(({ state }) => state !== "queued" && state !== "held").map(({ editOf }) => editOf));
    const end = stored.findIndex(({ id }) => edited.has(id));
    return [...(end < 0 ? stored : stored.slice(0, end)), ...added];
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

/** Loads more at one end of what is shown, once at a time. */
function useMore(cursor: string | null | undefined, fetchMore: (queries: QueryClient) => Promise<void>) {
  const queries = useQueryClient();
  const loading = useRef(false);
  const [failed, setFailed] = useState(false);
  const retry = (): void => {
    if (loading.current) return;
    loading.current = true;
    setFailed(false);
    fetchMore(queries)
      .catch(() => setFailed(true))
      .finally(() => (loading.current = false));
  };
  const load = (): void => {
    if (!failed && cursor) retry();
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
