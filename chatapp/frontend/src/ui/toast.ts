/** Short words about what has just happened, with at most one thing to do about it. */
import { createStore } from "../app/store";

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

export const toasts = createStore<readonly Toast[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let count = 0;

const SHOWN = 7000; // ms; with something to do, a little longer

export function toast(text: string, action?: Toast["action"]): void {
  const added = { id: (count += 1), text, action };
  toasts.set([...toasts.get().slice(-2), added]);
  release(added);
}

/** Somebody is at it: it stays. */
export function hold({ id }: Toast): void {
  clearTimeout(timers.get(id));
}

/** Nobody is at it any more: its time begins anew. */
export function release(shown: Toast): void {
  hold(shown);
  timers.set(shown.id, setTimeout(() => dismiss(shown.id), shown.action ? SHOWN + 3000 : SHOWN));
}

export function dismiss(id: number): void {
  clearTimeout(timers.get(id));
  timers.delete(id);
  toasts.set(toasts.get().filter((shown) => shown.id !== id));
}
