import { ChevronRight } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useI18n } from "../i18n";
import { CopyButton } from "../ui/CopyButton";
import { AnswerText } from "./AnswerText";
import { useUnfolded } from "./unfolded";

interface ReasoningProps {
  /** The answer's id. */
  id: string;
  text: string;
  /** How long it took, where that is known. */
  ms?: number | null | undefined;
  /** Since when the model has been thinking, in ms since 1970; null when it is no longer. */
  since?: number | null | undefined;
}

/** What the model thought before it answered, folded. It is no part of the answer, and is copied only by its own button. */
export function Reasoning({ id, text, ms = null, since = null }: ReasoningProps): ReactNode {
  const { t } = useI18n();
  const running = since !== null;
  const [open, toggle] = useUnfolded(id);
  return (
    <div className="reasoning">
      <button type="button" className="reasoning-head" aria-expanded={open} onClick={toggle}>
        <ChevronRight size={15} aria-hidden />
        {running ? <Thinking since={since} /> : <ThoughtFor ms={ms} />}
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

/** How long the model thought. */
export function ThoughtFor({ ms }: { ms: number | null | undefined }): string {
  const { t, number } = useI18n();
  if (ms === null || ms === undefined) return t("thread.thoughts");
  return t("thread.thoughtFor", { seconds: number(ms < 10_000 ? Math.max(0.1, Math.round(ms / 100) / 10) : Math.round(ms / 1000)) });
}

/** For how many seconds it has been thinking. */
function Thinking({ since }: { since: number }): ReactNode {
  const { t, number } = useI18n();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.floor((now - since) / 1000);
  return seconds < 1 ? `${t("thread.thinking")} …` : t("thread.thinkingFor", { seconds: number(seconds) });
}
