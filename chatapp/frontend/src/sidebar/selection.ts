/** The conversations that are selected in the sidebar; null where none are and a click opens one. */
import { createStore } from "../lib/store";

export const selection = createStore<ReadonlySet<string> | null>(null);

let anchor: string | null = null;

/** Selects a conversation, or takes it out again. With the order of the list: all from the last one chosen to this one. */
export function choose(id: string, order?: readonly string[]): void {
  const before = selection.get() ?? new Set<string>();
  const [from, to] = [anchor, id].map((end) => order?.indexOf(end ?? "") ?? -1) as [number, number];
  const chosen = new Set(before);
  if (before.size > 0 && from >= 0 && to >= 0) {
    for (const between of order!.slice(Math.min(from, to), Math.max(from, to) + 1)) chosen.add(between);
  } else if (!chosen.delete(id)) {
    chosen.add(id);
  }
  anchor = id;
  selection.set(chosen.size > 0 ? chosen : null);
}

export function clearSelection(): void {
  anchor = null;
  selection.set(null);
}

/** Ends selecting. The keyboard focus goes back into the list. */
export function leaveSelection(row = "[aria-checked=true]"): void {
  const link = document.querySelector<HTMLElement>(`.conversation-link${row}`) ?? document.querySelector<HTMLElement>(".conversation-link");
  link?.focus({ preventScroll: true });
  clearSelection();
}
