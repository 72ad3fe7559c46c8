import type { ReactNode } from "react";
import { Link } from "react-router";
import { isGone } from "../api/errors";
import { useT } from "../i18n";
import { errorDetails, errorText } from "../ui/errorText";
import { Notice } from "../ui/Notice";

/** Why a conversation cannot be shown. */
export function ThreadNotice({ error, onRetry }: { error: Error; onRetry(): void }): ReactNode {
  const t = useT();
  if (isGone(error)) {
    const home = (
      <Link className="button primary" to="/">
        {t("notFound.home")}
      </Link>
    );
    return <Notice title={t("thread.notFound.title")} text={t("thread.notFound.text")} action={home} />;
  }
  const retry = (
    <button type="button" className="button primary" onClick={onRetry}>
      {t("app.retry")}
    </button>
  );
  return <Notice title={t("thread.failed")} text={errorText(error, t)} details={errorDetails(error)} action={retry} />;
}
