import { useEffect, useRef } from "react";
import { isComposing } from "../ui/composing";
import { isMac } from "../ui/isMac";
import { isTyping } from "../ui/isTyping";
import { undoable, undoLast } from "../ui/undo";

interface Actions {
  newChat(): void;
  toggleSidebar(): void;
  search(): void;
  help(): void;
  step(by: number): void;
  copyLastAnswer(): void;
}

/** With Alt, the arrow keys open a select, and on a Mac they move through a text by paragraphs. */
const takesAltArrows = (target: EventTarget | null): boolean =>
  target instanceof HTMLSelectElement || (isMac && isTyping(target));

/** A field has its own undo. In an empty one the page's is meant while it is offered: what was deleted left the focus there. */
function takesUndo(target: EventTarget | null): boolean {
  return isTyping(target) ? target instanceof HTMLTextAreaElement && target.value === "" && undoable(true) : undoable();
}

const focus = (selector: string): void => document.querySelector<HTMLElement>(selector)?.focus();

/** Listens for the shortcuts that work everywhere on the page. An open dialog has the keyboard to itself. */
export function useShortcuts(actions: Actions): void {
  const latest = useRef(actions);
  useEffect(() => {
    latest.current = actions;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isComposing(event) || document.querySelector("[role=dialog]")) return;
      const run = actionFor(event, latest.current);
      if (!run) return;
      event.preventDefault();
      run();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

/** What a key does where nothing else handles it, or null. */
export function actionFor(event: KeyboardEvent, actions: Actions): (() => void) | null {
  const key = event.key.toLowerCase();
  const mod = isMac ? event.metaKey : event.ctrlKey;
  if (mod && event.shiftKey && key === "o") return actions.newChat;
  if (mod && event.shiftKey && key === "s") return actions.toggleSidebar;
  if (mod && event.shiftKey && key === "c") return actions.copyLastAnswer;
  if (mod && !event.shiftKey && key === "k") return actions.search;
  if (mod && !event.shiftKey && key === "z" && takesUndo(event.target)) return undoLast;
  if (event.shiftKey && event.key === "Escape") return () => focus("#composer");
  if (event.altKey && key === "arrowup" && !takesAltArrows(event.target)) return () => actions.step(-1);
  if (event.altKey && key === "arrowdown" && !takesAltArrows(event.target)) return () => actions.step(1);
  if (event.altKey && key === "end") return () => document.querySelector<HTMLElement>(".to-end")?.click();
  if (event.key === "Escape" && !document.querySelector("[role=menu]")) return stopAnswer();
  if (mod || event.altKey || isTyping(event.target)) return null;
  if (event.key === "?") return actions.help;
  if (event.key === "/") return () => focus("#composer");
  return null;
}

function stopAnswer(): (() => void) | null {
  const stop = document.querySelector<HTMLElement>(".composer-stop");
  return stop && (() => stop.click());
}
