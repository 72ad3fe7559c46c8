import type { ReactNode } from "react";
import { Link } from "react-router";
import { useT } from "../i18n";
import { NoticePage } from "./ErrorPage";
import { useTitle } from "./useTitle";

/** An address that leads nowhere, or a server that does not answer. */
export function NotFoundPage({ reason = "missing" }: { reason?: "missing" | "unreachable" }): ReactNode {
  const t = useT();
  useTitle(reason === "missing" ? t("notFound.title") : t("error.title"));
  if (reason === "unreachable") {
    return (
      <NoticePage
        title={t("error.title")}
        text={t("error.unreachable")}
        action={
          <button type="button" className="button primary" onClick={() => location.reload()}>
            {t("error.reload")}
          </button>
        }
      />
    );
  }
  return (
    <NoticePage
      title={t("notFound.title")}
      text={t("notFound.text")}
      action={
        <Link className="button primary" to="/">
          {t("notFound.home")}
        </Link>
      }
    />
  );
}
