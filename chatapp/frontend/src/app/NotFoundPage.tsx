import type { ReactNode } from "react";
import { Link } from "react-router";
import { useT } from "../i18n";
import { NoticePage } from "../ui/Notice";
import { useTitle } from "../ui/useTitle";

export function NotFoundPage(): ReactNode {
  const t = useT();
  useTitle(t("notFound.title"));
  const home = (
    <Link className="button primary" to="/">
      {t("notFound.home")}
    </Link>
  );
  return <NoticePage title={t("notFound.title")} text={t("notFound.text")} action={home} />;
}
