/** The keyboard shortcuts, as the dialog lists them. `useShortcuts` runs them. */
import type { Translate } from "../i18n";
import { en, type Key } from "../i18n/en";
import { isMac } from "../ui/isMac";

/** The label of a key on a keyboard of the person's language. */
export function keyName(key: string, t: Translate): string {
  const name = `key.${key === "Mod" ? "Ctrl" : key}`;
  if (key === "Mod" && isMac) return "⌘";
  return name in en ? t(name as Key) : key;
}

export interface Shortcut {
  name: Key;
  /** Each combination that runs it; `Mod` is Ctrl, or Command on a Mac. */
  keys: readonly (readonly string[])[];
}

export const SHORTCUTS: readonly Shortcut[] = [
  { name: "shortcuts.new", keys: [["Mod", "Shift", "O"]] },
  { name: "shortcuts.search", keys: [["Mod", "K"]] },
  { name: "shortcuts.find", keys: [["Mod", "F"]] },
  { name: "shortcuts.all", keys: [["Mod", "A"]] },
  { name: "shortcuts.print", keys: [["Mod", "P"]] },
  { name: "shortcuts.focus", keys: [["/"], ["Shift", "Esc"]] },
  { name: "shortcuts.previous", keys: [["Alt", "↑"]] },
  { name: "shortcuts.next", keys: [["Alt", "↓"]] },
  { name: "shortcuts.sidebar", keys: [["Mod", "Shift", "S"]] },
  { name: "shortcuts.send", keys: [["Enter"]] },
  { name: "shortcuts.edit", keys: [["↑"]] },
  { name: "shortcuts.line", keys: [["Shift", "Enter"]] },
  { name: "shortcuts.stop", keys: [["Esc"]] },
  { name: "shortcuts.end", keys: [["Alt", "End"]] },
  { name: "shortcuts.copy", keys: [["Mod", "Shift", "C"]] },
  { name: "shortcuts.select", keys: [["Space"], ["Shift", "↓"]] },
  { name: "shortcuts.rename", keys: [["F2"]] },
  { name: "shortcuts.delete", keys: [["Delete"]] },
  { name: "shortcuts.undo", keys: [["Mod", "Z"]] },
  { name: "shortcuts.help", keys: [["?"]] },
];
