import { useState, type ReactNode } from "react";
import { useT } from "../i18n";

const CHARACTERS = 1800; // of a message that are shown at first
const LINES = 24;

/** What a person wrote, exactly as written. A long paste is folded. */
export function LongText({ text }: { text: string }): ReactNode {
  const t = useT();
  const [whole, show] = useState(false);
  const cut = cutAt(text);
  return (
    <div className="bubble">
      <p className="plain" dir="auto">
        {cut === null || whole ? text : `${text.slice(0, cut)}…`}
      </p>
      {cut !== null && (
        <button type="button" className="link-button" aria-expanded={whole} onClick={() => show(!whole)}>
          {t(whole ? "thread.less" : "thread.more")}
        </button>
      )}
    </div>
  );
}

/** Where a long text is cut, or null where it is short enough. Never inside a pair of surrogates. */
export function cutAt(text: string): number | null {
  let at = CHARACTERS;
  for (let line = 0, from = 0; line < LINES; line += 1) {
    const end = text.indexOf("\n", from);
    if (end < 0) break;
    if (line === LINES - 1) at = Math.min(at, end);
    from = end + 1;
  }
  if (text.length <= at * 1.15) return null; // a few words more are not worth a fold
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code <= 0xdbff ? at - 1 : at;
}
