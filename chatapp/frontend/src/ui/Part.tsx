import type { ReactNode } from "react";
import { useT } from "../i18n";
import { ErrorBoundary } from "./ErrorBoundary";
import { Notice } from "./Notice";

interface PartProps {
  /** It is what the page is about: the notice takes all of its place. */
  main?: boolean;
  /** What is shown; something else is tried again after an error. */
  shows?: unknown;
  children: ReactNode;
}

/** A part of the page. An error in it takes down this part only. */
export function Part({ main, shows, children }: PartProps): ReactNode {
  return (
    <ErrorBoundary fallback={main ? <Broken /> : <BrokenPart />} shows={shows}>
      {children}
    </ErrorBoundary>
  );
}

function Broken(): ReactNode {
  const t = useT();
  return <Notice title={t("error.title")} text={t("error.text")} action={<Reload className="button primary" />} />;
}

function BrokenPart(): ReactNode {
  return (
    <p className="broken-part" role="alert">
      {useT()("error.part")} <Reload className="link-button" />
    </p>
  );
}

function Reload({ className }: { className: string }): ReactNode {
  return (
    <button type="button" className={className} onClick={() => location.reload()}>
      {useT()("error.reload")}
    </button>
  );
}
