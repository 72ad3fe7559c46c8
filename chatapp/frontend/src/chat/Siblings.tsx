import { ChevronLeft, ChevronRight, Columns2 } from "lucide-react";
import { useLayoutEffect, useRef, useState, type MouseEvent, type ReactNode } from "react";
import type { Message } from "../api/types";
import { useT } from "../i18n";
import { late } from "../ui/late";
import { useReadOnly } from "./readOnly";
import { useChooseBranch } from "./useBranches";

const Compare = late(() => import("./Compare"));

type Step = -1 | 1;

/** The sibling whose row takes the focus once it is rendered: the button that led to it disappears with its own row. */
let awaited: { id: string; by: Step } | null = null;

/** Switches between a message and its siblings, and compares them. */
export function Siblings({ message }: { message: Message }): ReactNode {
  const t = useT();
  const choose = useChooseBranch(message.conversationId);
  const readOnly = useReadOnly();
  const [comparing, setComparing] = useState(false);
  const place = useRef<HTMLSpanElement>(null);
  const ids = message.siblingIds ?? [];
  useLayoutEffect(() => {
    if (awaited?.id !== message.id) return;
    if (document.activeElement === document.body) focusStep(place.current, awaited.by);
    awaited = null;
  }, [message.id]);
  if (ids.length < 2) return null;
  const at = ids.indexOf(message.id);
  const go = (by: Step) => (event: MouseEvent<HTMLElement>): void => {
    const id = ids[at + by];
    if (!id) return;
    awaited = event.currentTarget === document.activeElement ? { id, by } : null;
    void choose(id).then((shown) => {
      if (!shown) awaited = null;
    });
  };
  return (
    <span className="siblings" ref={place}>
      {!readOnly && (
        <button type="button" className="icon-button small" aria-label={t("thread.previous")} disabled={at <= 0} onClick={go(-1)}>
          <ChevronLeft size={15} aria-hidden />
        </button>
      )}
      {t("thread.sibling", { at: at + 1, count: ids.length })}
      {!readOnly && (
        <button type="button" className="icon-button small" aria-label={t("thread.next")} disabled={at === ids.length - 1} onClick={go(1)}>
          <ChevronRight size={15} aria-hidden />
        </button>
      )}
      <button type="button" className="icon-button small" aria-label={t("compare.title")} title={t("compare.title")} onClick={() => setComparing(true)}>
        <Columns2 size={15} aria-hidden />
      </button>
      {comparing && <Compare message={message} ids={ids} onClose={() => setComparing(false)} />}
    </span>
  );
}

/** Focuses the button that goes on in that direction, or at the end the one that goes back. */
function focusStep(siblings: HTMLElement | null, by: Step): void {
  const buttons = [...(siblings?.querySelectorAll("button") ?? [])].slice(0, 2);
  if (by > 0) buttons.reverse();
  buttons.find((button) => !button.disabled)?.focus({ preventScroll: true });
}
