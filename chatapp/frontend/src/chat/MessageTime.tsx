import type { ReactNode } from "react";
import { useI18n } from "../i18n";

/** The time of a message, with the date where it is not today. */
export function MessageTime({ iso }: { iso: string }): ReactNode {
  const { time } = useI18n();
  const today = new Date(iso).toDateString() === new Date().toDateString();
  return (
    <time dateTime={iso} title={time(iso, { dateStyle: "full", timeStyle: "medium" })}>
      {time(iso, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" })}
    </time>
  );
}
