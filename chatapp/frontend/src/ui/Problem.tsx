import type { ReactNode } from "react";
import { useT } from "../i18n";

interface ProblemProps {
  /** What went wrong and what can be done about it. */
  text: string;
  /** What to tell whoever runs the server; shown on demand. */
  details?: string | undefined;
}

/** An error, wherever the page shows one. */
export function Problem({ text, details }: ProblemProps): ReactNode {
  const t = useT();
  return (
    <div className="problem">
      <p dir="auto">{text}</p>
      {details && (
        <details>
          <summary>{t("error.details")}</summary>
          <code dir="ltr">{details}</code>
        </details>
      )}
    </div>
  );
}
