/** Short messages about what just happened, with at most one action. */
import { createStore } from "../lib/store";

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
  /** What an error's `Problem` shows on demand. */
  details?: string;
}

export const toasts = createStore<readonly Toast[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let count = 0;

const SHOWN = 7000; // ms
const SHOWN_WITH_ACTION = 10_000;

/** Shows a toast. Returns its id. */
export function toast(text: string, { action, details }: Pick<Toast, "action" | "details"> = {}): number {
  const added = { id: (count += 1), text, action, details };
  toasts.set([...toasts.get().slice(-2), added]);
  release(added);
  return added.id;
}

/** Keeps a toast while somebody points at it or has the focus in it. */
export function hold({ id }: Toast): void {
  clearTimeout(timers.get(id));
}

/** Nobody is at the toast any more: its time starts again. */
export function release(shown: Toast): void {
  hold(shown);
  timers.set(shown.id, setTimeout(() => dismiss(shown.id), shown.action ? SHOWN_WITH_ACTION : SHOWN));
}

export function dismiss(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  toasts.set(toasts.get().filter((shown) => shown.id !== id));
}
