import type { ReactNode } from "react";
import { preferencesOf } from "../auth/preferences";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { Markdown } from "../markdown/Markdown";
import { useUnfolded } from "./unfolded";

const CHARACTERS = 1800; // of a folded message
const LINES = 24;

/** What the person wrote: as Markdown or, if they prefer that, exactly as written. A long text is folded, unless the `whole` is wanted. */
export function OwnText({ id, text, whole = false }: { id: string; text: string; whole?: boolean }): ReactNode {
  const t = useT();
  const [unfolded, toggle] = useUnfolded(id);
  const { formatOwnMessages } = preferencesOf(useUser());
  const cut = whole ? null : cutAt(text);
  const folded = cut !== null && !unfolded;
  const shown = folded ? `${text.slice(0, cut)}…` : text;
  return (
    <div className="bubble">
      {formatOwnMessages ? (
        <Markdown text={shown} running={folded} lineBreaks />
      ) : (
        <p className="plain" dir="auto">
          {shown}
        </p>
      )}
      {cut !== null && (
        <button type="button" className="link-button" aria-expanded={unfolded} onClick={toggle}>
          {t(unfolded ? "thread.less" : "thread.more")}
        </button>
      )}
    </div>
  );
}

/** Where a long text is cut, or null where it is short enough. Never inside a surrogate pair. */
function cutAt(text: string): number | null {
  let at = CHARACTERS;
  for (let line = 0, from = 0; line < LINES; line += 1) {
    const end = text.indexOf("\n", from);
    if (end < 0) break;
    if (line === LINES - 1) at = Math.min(at, end);
    from = end + 1;
  }
  if (text.length <= at * 1.15) return null; // a few more words are not worth folding
  const code = text.charCodeAt(at - 1);
  return code >= 0xd800 && code <= 0xdbff ? at - 1 : at;
}
