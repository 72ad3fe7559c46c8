import type { ReactNode } from "react";
import { useT } from "../i18n";
import { NoticePage } from "../ui/Notice";
import { useTitle } from "../ui/useTitle";

/** Says that something went wrong, and offers to load the page again. */
export function ErrorPage({ text }: { text: string }): ReactNode {
  const t = useT();
  useTitle(t("error.title"));
  const reload = (
    <button type="button" className="button primary" onClick={() => location.reload()}>
      {t("error.reload")}
    </button>
  );
  return <NoticePage title={t("error.title")} text={text} action={reload} />;
}
