import { ChevronRight } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useI18n } from "../i18n";
import { CopyButton } from "../ui/CopyButton";
import { AnswerText } from "./AnswerText";

interface ReasoningProps {
  /** The answer's id. */
  id: string;
  text: string;
  /** How long it took, where that is known. */
  ms?: number;
  /** The model is still thinking. */
  running?: boolean;
}

/** The answers whose reasoning the person has unfolded: it stays so when the answer ends, or leaves the screen. */
const unfolded = new Set<string>();

/** What the model thought before it answered, folded. It is no part of the answer, and is copied only by its own button. */
export function Reasoning({ id, text, ms, running = false }: ReasoningProps): ReactNode {
  const { t, number } = useI18n();
  const [open, setOpen] = useState(unfolded.has(id));
  const toggle = (): void => {
    if (open) unfolded.delete(id);
    else unfolded.add(id);
    setOpen(!open);
  };
  const seconds = ms === undefined ? null : number(ms < 10_000 ? Math.max(0.1, Math.round(ms / 100) / 10) : Math.round(ms / 1000));
  return (
    <div className="reasoning">
      <button type="button" className="reasoning-head" aria-expanded={open} onClick={toggle}>
        <ChevronRight size={15} aria-hidden />
        {running ? `${t("thread.thinking")} …` : seconds === null ? t("thread.thoughts") : t("thread.thoughtFor", { seconds })}
      </button>
      {open && (
        <div className="reasoning-text">
          <AnswerText text={text} running={running} />
          {!running && <CopyButton text={text} className="icon-button small" label={t("thread.copyThoughts")} />}
        </div>
      )}
    </div>
  );
}
