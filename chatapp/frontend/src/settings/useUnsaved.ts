import { useState } from "react";
import { useUser } from "../auth/user";
import { readText, writeText } from "../lib/storage";

/** A text setting that is being edited. Until it is saved it is kept in this browser, like a draft. */
export function useUnsaved(setting: string, saved: string) {
  const name = `unsaved:${useUser().id}:${setting}`;
  const [unsaved, setUnsaved] = useState(() => readText(name));
  const keep = (text: string | null): void => {
    setUnsaved(text);
    writeText(name, text);
  };
  return {
    text: unsaved ?? saved,
    changed: unsaved !== null && unsaved !== saved,
    change: (text: string) => keep(text === saved ? null : text),
    /** `text` is saved. What was typed since then is not. */
    done: (text: string) => readText(name) === text && keep(null),
  };
}
