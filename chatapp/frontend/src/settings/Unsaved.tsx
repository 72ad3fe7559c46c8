import type { ReactNode } from "react";
import { useT } from "../i18n";

/** Says beside a field that it was changed and not saved. */
export function Unsaved({ changed }: { changed: boolean }): ReactNode {
  const t = useT();
  return (
    <span className="field-hint unsaved" role="status">
      {changed && t("settings.unsaved")}
    </span>
  );
}
