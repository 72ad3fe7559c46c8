import { useState, type ReactNode } from "react";
import { useT } from "../i18n";
import { canNotify, notifies, startNotifying, stopNotifying } from "../ui/notifications";
import { Section } from "./Section";

/** Whether this browser tells of answers that end while nobody looks. It is asked for its permission only by this click. */
export function NotificationsSection(): ReactNode {
  const t = useT();
  const [on, setOn] = useState(notifies);
  const [refused, setRefused] = useState(false);
  const choose = async (wanted: boolean): Promise<void> => {
    if (!wanted) stopNotifying();
    const now = wanted && (await startNotifying());
    setOn(now);
    setRefused(wanted && !now);
  };
  return (
    <Section title={t("settings.notify")} lead={t("settings.notify.lead")}>
      <label className="check">
        <input type="checkbox" checked={on} disabled={!canNotify()} onChange={(event) => void choose(event.target.checked)} />
        <span>{t("settings.notify.label")}</span>
      </label>
      {(refused || !canNotify()) && (
        <p className="field-hint" role="status">
          {t(refused ? "settings.notify.refused" : "settings.notify.unable")}
        </p>
      )}
    </Section>
  );
}
