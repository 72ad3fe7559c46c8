import type { ReactNode } from "react";
import { useT } from "../i18n";

interface OtherDraftProps {
  text: string;
  onAdd(): void;
  onDiscard(): void;
}

/** Offers what was written in another tab for the same conversation. */
export function OtherDraft({ text, onAdd, onDiscard }: OtherDraftProps): ReactNode {
  const t = useT();
  const add = (): void => {
    onAdd(); // it is in the draft before it is removed
    onDiscard();
  };
  return (
    <p className="other-draft">
      <span className="other-draft-text">
        {t("composer.other")} <q dir="auto">{text}</q>
      </span>
      <button type="button" className="button small quiet" onClick={add}>
        {t("composer.other.add")}
      </button>
      <button type="button" className="button small quiet" onClick={onDiscard}>
        {t("thread.discard")}
      </button>
    </p>
  );
}
