/** What the person did last and can take back: on the toast that tells it, and later by Ctrl+Z (Command+Z on a Mac). */
import type { Translate } from "../i18n";
import { dismiss, toast, toasts } from "./toast";

interface Step {
  /** Its toast, if it has one. */
  id: number | null;
  undo(): void;
}

const MOST = 50; // steps that are kept
const steps: Step[] = [];

/** Tells what was done, and keeps `undo`, which takes it back and tells where that fails. */
export function done(text: string, undo: () => void, t: Translate): void {
  const step: Step = { undo, id: toast(text, { action: { label: t("app.undo"), run: () => undoLast(step) } }) };
  keep(step);
}

/** Keeps `undo` for the keys alone, until `forgetInSight`: what was done is seen, and a button beside it takes it back. */
export const doneInSight = (undo: () => void): void => keep({ undo, id: null });

function keep(step: Step): void {
  steps.push(step);
  if (steps.length > MOST) steps.shift();
}

/** Whether there is something to take back; `offered`, whether its toast is still shown. */
export function undoable(offered = false): boolean {
  const last = steps.at(-1);
  return last !== undefined && (!offered || toasts.get().some(({ id }) => id === last.id));
}

/** Takes back the last step, or the one that is named. Each is taken back once. */
export function undoLast(step = steps.at(-1)): void {
  const at = step ? steps.indexOf(step) : -1;
  if (!step || at < 0) return;
  steps.splice(at, 1);
  if (step.id !== null) dismiss(step.id);
  step.undo();
}

/** What `doneInSight` kept is no longer seen. */
export function forgetInSight(): void {
  steps.splice(0, steps.length, ...steps.filter(({ id }) => id !== null));
}

/** The person has left: nobody else takes back what they did. */
export const forgetSteps = (): void => void steps.splice(0);
