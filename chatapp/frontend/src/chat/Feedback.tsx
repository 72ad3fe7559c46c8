import { ThumbsDown, ThumbsUp } from "lucide-react";
import type { ReactNode } from "react";
import type { Message } from "../api/types";
import { useT } from "../i18n";
import { useMark } from "./useMark";

const THUMBS = [
  ["up", "thread.good", ThumbsUp],
  ["down", "thread.bad", ThumbsDown],
] as const;

/** Thumbs up or down for an answer; a second click takes it back. */
export function Feedback({ message }: { message: Message }): ReactNode {
  const t = useT();
  const [given, give] = useMark(message, "feedback", null);
  return THUMBS.map(([value, name, Icon]) => (
    <button key={value} type="button" className="icon-button small" aria-label={t(name)} title={t(name)} aria-pressed={given === value} onClick={() => give(given === value ? null : value)}>
      <Icon size={15} aria-hidden />
    </button>
  ));
}
