import type { ReactNode } from "react";
import { useT } from "../i18n";
import { Logo } from "../ui/Logo";

/** A page with one thing to say and one thing to do. */
export function Notice(props: { title: string; text: string; action: ReactNode }): ReactNode {
  return (
    <div className="notice">
      <Logo size={40} />
      <h1>{props.title}</h1>
      <p>{props.text}</p>
      {props.action}
    </div>
  );
}

/** The same as a page of its own. */
export function NoticePage(props: Parameters<typeof Notice>[0]): ReactNode {
  return (
    <main className="notice-page">
      <Notice {...props} />
    </main>
  );
}

export function ErrorPage(): ReactNode {
  const t = useT();
  return (
    <NoticePage
      title={t("error.title")}
      text={t("error.text")}
      action={
        <button type="button" className="button primary" onClick={() => location.reload()}>
          {t("error.reload")}
        </button>
      }
    />
  );
}
