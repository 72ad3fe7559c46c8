import { useQuery } from "@tanstack/react-query";
import { Minus, Plus, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { memo, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { treeQuery } from "../api/tree";
import { useI18n } from "../i18n";
import { errorText } from "../ui/errorText";
import { useFocusBack } from "../ui/useFocusBack";
import { linkTo } from "./MessageMenu";
import { pinch } from "./pinch";
import { treeRows, type TreeRow } from "./treeRows";
import { useChooseBranch } from "./useBranches";
import { words } from "./words";
import "../styles/map.css";

interface TreeMapProps {
  conversationId: string;
  activeId: string | null;
  readOnly: boolean;
  onClose(): void;
}

/** Heights of a row in px, from far to near: without words, with a line of them, with a second line. */
const ZOOMS = [6, 20, 30, 50];
const LANE = 16; // px between two lanes
const MOST_LANES = 20; // whatever is deeper is drawn there
const PAGE = 10; // rows that Page Up and Page Down move by

/** The map of a conversation: all of its messages, on all branches. Choosing one goes there. */
export default function TreeMap({ conversationId, activeId, readOnly, onClose }: TreeMapProps): ReactNode {
  const { t, number } = useI18n();
  const { data, error } = useQuery(treeQuery(conversationId));
  const focusBack = useFocusBack();
  const [zoom, setZoom] = useState(2);
  const [hereId, setHere] = useState<string | null>(null);
  const rows = useMemo(() => data && treeRows(data, activeId), [data, activeId]);
  const go = useGo(conversationId, readOnly, onClose);
  const closer = (by: number): void => setZoom((now) => Math.min(ZOOMS.length - 1, Math.max(0, now + by)));
  const press = (event: KeyboardEvent): void => {
    if (event.key === "+" || event.key === "=") closer(1);
    else if (event.key === "-") closer(-1);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog map" {...focusBack} aria-describedby={undefined} onKeyDown={press} onTouchStart={(event) => pinch(event, closer)}>
          <header>
            <Dialog.Title>{t("map.title")}</Dialog.Title>
            {rows && <span className="map-count">{t("map.count", { count: number(rows.length) })}</span>}
            <button type="button" className="icon-button small" aria-label={t("map.out")} title={`${t("map.out")} (-)`} disabled={zoom === 0} onClick={() => closer(-1)}>
              <Minus size={16} aria-hidden />
            </button>
            <button type="button" className="icon-button small" aria-label={t("map.in")} title={`${t("map.in")} (+)`} disabled={zoom === ZOOMS.length - 1} onClick={() => closer(1)}>
              <Plus size={16} aria-hidden />
            </button>
            <Dialog.Close className="icon-button small" aria-label={t("app.close")}>
              <X size={17} aria-hidden />
            </Dialog.Close>
          </header>
          {rows ? <Tree key={zoom} rows={rows} zoom={zoom} hereId={hereId} onHere={setHere} go={go} /> : <p role="status">{error ? errorText(error, t) : t("app.loading")}</p>}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Goes to a message: shows its branch, and the message in its place there, which alone is done where nothing may change. */
function useGo(conversationId: string, readOnly: boolean, onClose: () => void): (row: TreeRow) => void {
  const navigate = useNavigate();
  const choose = useChooseBranch(conversationId);
  return ({ twig, shown }) => {
    onClose();
    void (async () => {
      if (shown || readOnly || (await choose(twig.id))) void navigate(linkTo(conversationId, twig.id), { replace: true });
    })();
  };
}

interface TreeProps {
  rows: readonly TreeRow[];
  zoom: number;
  /** The message that the arrow keys are at; null until they have been used. */
  hereId: string | null;
  onHere(id: string): void;
  go(row: TreeRow): void;
}

function Tree({ rows, zoom, hereId, onHere, go }: TreeProps): ReactNode {
  const { t } = useI18n();
  const base = useId();
  const box = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  const chosen = rows.findIndex(({ twig }) => twig.id === hereId);
  const at = Math.max(0, chosen < 0 ? rows.findLastIndex(({ shown }) => shown) : chosen);
  const height = ZOOMS[zoom]!;
  useEffect(() => {
    list.current?.scrollToIndex(at, { align: "center" });
    box.current?.focus({ preventScroll: true });
  }, []); // where one is; later, the keys scroll
  const move = (to: number): void => {
    const next = Math.min(rows.length - 1, Math.max(0, to));
    if (rows[next]) onHere(rows[next].twig.id);
    list.current?.scrollToIndex(next, { align: "nearest" });
  };
  const press = (event: KeyboardEvent): void => {
    const row = rows[at];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown") move(at + 1);
    else if (event.key === "ArrowUp") move(at - 1);
    else if (event.key === "ArrowLeft") move(row.parent < 0 ? 0 : row.parent);
    else if (event.key === "ArrowRight") move(nextFork(rows, at));
    else if (event.key === "PageDown") move(at + PAGE);
    else if (event.key === "PageUp") move(at - PAGE);
    else if (event.key === "Home") move(0);
    else if (event.key === "End") move(rows.length - 1);
    else if (event.key === "Enter" || event.key === " ") go(row);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <div
        ref={box}
        className="map-tree"
        role="tree"
        tabIndex={0}
        aria-label={t("map.title")}
        aria-activedescendant={rows.length > 0 ? `${base}${at}` : undefined}
        data-zoom={zoom}
        style={{ "--row": `${height}px` } as React.CSSProperties}
        onKeyDown={press}
      >
        <Virtualizer ref={list} scrollRef={box} itemSize={height} bufferSize={100}>
          {rows.map((row, index) => (
            <Row key={row.twig.id} id={`${base}${index}`} row={row} height={height} here={index === at} onGo={go} />
          ))}
        </Virtualizer>
      </div>
      <p className="map-hint">{t("map.hint")}</p>
    </>
  );
}

/** The next row from which a branch leaves, or the last one. */
function nextFork(rows: readonly TreeRow[], at: number): number {
  const next = rows.findIndex((row, index) => index > at && row.leaves);
  return next < 0 ? rows.length - 1 : next;
}

interface RowProps {
  id: string;
  row: TreeRow;
  height: number;
  here: boolean;
  onGo(row: TreeRow): void;
}

const Row = memo(
  function Row({ id, row, height, here, onGo }: RowProps): ReactNode {
    const { t, time } = useI18n();
    const { twig, shown, lane } = row;
    const who = twig.role === "user" ? t("whole.you") : (twig.model ?? t("whole.assistant"));
    const said = words(twig.excerpt, 80) || "…";
    return (
      <div
        id={id}
        className="map-row"
        role="treeitem"
        aria-level={lane + 1}
        aria-selected={here}
        data-role={twig.role}
        data-shown={shown || undefined}
        onClick={() => onGo(row)}
      >
        <Lines row={row} height={height} />
        <span className="map-text">
          <span className="visually-hidden">{shown ? `${who} (${t("map.shown")}):` : `${who}:`}</span>
          <span className="map-words" dir="auto">
            {said}
          </span>
          {height > 40 && (
            <span className="map-more">
              {who} · {time(twig.createdAt, { dateStyle: "medium", timeStyle: "short" })}
            </span>
          )}
        </span>
      </div>
    );
  },
  (before, after) => before.row === after.row && before.here === after.here && before.height === after.height,
);

const x = (lane: number): number => Math.min(lane, MOST_LANES) * LANE + 10;

/** The lines that pass the row, the one that leads to its message, and the message as a dot. */
function Lines({ row: { lane, leaves, parent, goesOn, shown, twig }, height }: { row: TreeRow; height: number }): ReactNode {
  const [own, middle] = [x(lane), height / 2];
  const passing = Array.from({ length: Math.min(lane, MOST_LANES) }, (_, other) => other);
  const line = (other: number): string => `M${x(other)} 0V${height}`;
  const into = leaves ? `M${x(lane - 1)} 0Q${x(lane - 1)} ${middle} ${own} ${middle}` : parent >= 0 || lane > 0 ? `M${own} 0V${middle}` : "";
  const here = into + (goesOn ? `M${own} ${middle}V${height}` : "");
  const radius = height < 12 ? 2 : 4.5;
  return (
    <svg width={own + 10} height={height} aria-hidden>
      {lane > 0 && <path className="shown" d={line(0)} />}
      {lane > 1 && <path d={passing.slice(1).map(line).join("")} />}
      <path className={shown ? "shown" : undefined} d={here} />
      {twig.role === "user" ? (
        <rect className="dot" x={own - radius} y={middle - radius} width={radius * 2} height={radius * 2} rx={radius / 3} />
      ) : (
        <circle className="dot" cx={own} cy={middle} r={radius} />
      )}
    </svg>
  );
}
