import type { ReactNode } from "react";
import { useI18n } from "../i18n";

/** The time of a message, with the date where it is not today, or where it is `kept` longer than a day. */
export function MessageTime({ iso, kept = false }: { iso: string; kept?: boolean }): ReactNode {
  const { time } = useI18n();
  const today = !kept && new Date(iso).toDateString() === new Date().toDateString();
  return (
    <time dateTime={iso} title={time(iso, { dateStyle: "full", timeStyle: "medium" })}>
      {time(iso, today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" })}
    </time>
  );
}
