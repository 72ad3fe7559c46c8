import type { ReactNode } from "react";
import { useT } from "../i18n";

/** Says that a list could not be loaded, and tries again. */
export function LoadFailed({ text, onRetry }: { text: string; onRetry(): void }): ReactNode {
  const t = useT();
  return (
    <p className="load-failed">
      {text}{" "}
      <button type="button" className="link-button" onClick={onRetry}>
        {t("app.retry")}
      </button>
    </p>
  );
}
