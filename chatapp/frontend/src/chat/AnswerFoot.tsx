import { CircleStop, FastForward, RotateCcw, Scissors, TriangleAlert } from "lucide-react";
import { useEffect, useRef, type ReactNode } from "react";
import type { Message } from "../api/types";
import { useT } from "../i18n";
import { CopyButton } from "../ui/CopyButton";
import { answerErrorText } from "../ui/errorText";
import { Problem } from "../ui/Problem";
import { toastError } from "../ui/toastError";
import { Feedback } from "./Feedback";
import { finishNote, isCutOff } from "./finishNote";
import { MessageMenu } from "./MessageMenu";
import { MessageTime } from "./MessageTime";
import { useReadOnly } from "./readOnly";
import { Siblings } from "./Siblings";
import { useTurns } from "./turns";
import { useLeaveLink } from "./useBranches";

interface AnswerFootProps {
  message: Message;
  /** It is the newest message. */
  last: boolean;
}

/** How an answer ended, and what can be done with it. */
export function AnswerFoot({ message, last }: AnswerFootProps): ReactNode {
  const t = useT();
  const readOnly = useReadOnly();
  const { status, content, error } = message;
  const { regenerate, goOn } = useAnotherAnswer(message);
  const note = finishNote(message);
  return (
    <>
      {note && (
        <p className="answer-note">
          <Scissors size={14} aria-hidden /> {t(note)}
        </p>
      )}
      {(error || status === "error") && (
        <div className="answer-error" role="group">
          <TriangleAlert size={17} aria-hidden />
          <Problem text={answerErrorText(error, t)} details={error && `${error.code}: ${error.message}`} />
          {last && !readOnly && (
            <button type="button" className="button small" onClick={(event) => regenerate(event.detail === 0)}>
              {t("app.retry")}
            </button>
          )}
        </div>
      )}
      <div className="message-foot">
        {(status === "stopped" || (status === "interrupted" && !error)) && (
          <span className="chip">
            <CircleStop size={13} aria-hidden /> {t(`thread.status.${status}`)}
          </span>
        )}
        {isCutOff(message) && !readOnly && (
          <button type="button" className="button small" onClick={(event) => goOn(event.detail === 0)}>
            <FastForward size={14} aria-hidden /> {t("thread.continue")}
          </button>
        )}
        {message.edited && <span className="chip good">{t("thread.edited")}</span>}
        {content && <CopyButton text={content} className="icon-button small" />}
        {message.role === "assistant" && !(last && error) && !readOnly && (
          <button
            type="button"
            className="icon-button small"
            aria-label={t("thread.regenerate")}
            title={t("thread.regenerate")}
            onClick={(event) => regenerate(event.detail === 0)}
          >
            <RotateCcw size={15} aria-hidden />
          </button>
        )}
        {content && !readOnly && <Feedback message={message} />}
        <MessageMenu message={message} onModel={message.role === "assistant" && !readOnly ? (model) => regenerate(false, model) : undefined} />
        <Siblings message={message} />
        <span className="message-meta">
          {message.model && <span dir="auto">{message.model}</span>}
          <MessageTime iso={message.createdAt} />
        </span>
      </div>
    </>
  );
}

/**
 * Asks for another answer, or the rest of this one, which replaces this one together with its button. After a click by keyboard the focus moves
 * to the composer; after one by pointer it does not, because on a phone that would open the keyboard.
 */
function useAnotherAnswer({ conversationId, id }: Message) {
  const t = useT();
  const { following } = useTurns();
  const leaveLink = useLeaveLink(conversationId);
  const byKeyboard = useRef(false);
  useEffect(
    () => () => {
      if (byKeyboard.current && document.activeElement === document.body) document.getElementById("composer")?.focus({ preventScroll: true });
    },
    [],
  );
  const ask = (pressed: boolean, asked: Promise<void>): void => {
    byKeyboard.current = pressed;
    leaveLink(id);
    asked.catch((error: unknown) => {
      byKeyboard.current = false;
      toastError(error, t);
    });
  };
  return {
    regenerate: (pressed: boolean, model?: string) => ask(pressed, following.regenerate(conversationId, id, model)),
    goOn: (pressed: boolean) => ask(pressed, following.goOn(conversationId, id)),
  };
}
