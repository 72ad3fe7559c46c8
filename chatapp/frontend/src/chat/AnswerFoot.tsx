import { useQueryClient } from "@tanstack/react-query";
import { CircleStop, Play, RotateCcw, ThumbsDown, ThumbsUp, TriangleAlert } from "lucide-react";
import { useEffect, useRef, type MouseEvent, type ReactNode } from "react";
import { config } from "../app/config";
import { api, unwrap } from "../api/client";
import { putMessage } from "../api/queries";
import type { Message } from "../api/types";
import { useT } from "../i18n";
import { CopyButton } from "../ui/CopyButton";
import { answerErrorText, errorText } from "../ui/errorText";
import { toast } from "../ui/toast";
import { MessageTime } from "./MessageTime";
import { useServices } from "./services";
import { Siblings } from "./Siblings";

/** How an answer ended, and what can be done with it. */
export function AnswerFoot({ message, last }: { message: Message; last: boolean }): ReactNode {
  const t = useT();
  const { turns } = useServices();
  const { id, conversationId, status, content, error } = message;
  const asked = useOnward();
  const ask = (wanted: "regenerate" | "continue") => (event: MouseEvent): void => {
    asked.current = event.detail === 0;
    turns[wanted](conversationId, id).catch((failure: unknown) => {
      asked.current = false;
      toast(errorText(failure, t));
    });
  };
  const again = ask("regenerate");
  return (
    <>
      {(error || status === "error") && (
        <div className="answer-error" role="group">
          <TriangleAlert size={17} aria-hidden />
          <p dir="auto">{answerErrorText(error, t)}</p>
          {last && (
            <button type="button" className="button small" onClick={again}>
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
        {config.canContinue && last && (status === "stopped" || status === "interrupted") && content && (
          <button type="button" className="button small quiet" onClick={ask("continue")}>
            <Play size={13} aria-hidden /> {t("thread.continue")}
          </button>
        )}
        {content && <CopyButton text={content} className="message-tool" />}
        {last && !error && (
          <button type="button" className="message-tool" aria-label={t("thread.regenerate")} title={t("thread.regenerate")} onClick={again}>
            <RotateCcw size={15} aria-hidden />
          </button>
        )}
        {content && <Verdict message={message} />}
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
 * The answer that is asked for takes this one's place, and the button that was used with it: by keyboard (`current` is
 * true then), one goes on where one writes. By touch, that would open the keyboard of a phone.
 */
function useOnward(): { current: boolean } {
  const asked = useRef(false);
  useEffect(
    () => () => {
      if (asked.current && document.activeElement === document.body) document.getElementById("composer")?.focus({ preventScroll: true });
    },
    [],
  );
  return asked;
}

function Verdict({ message }: { message: Message }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const give = (wanted: "up" | "down"): void => {
    const feedback = message.feedback === wanted ? null : wanted;
    putMessage(queries, { ...message, feedback });
    const path = { conversationId: message.conversationId, messageId: message.id };
    unwrap(
      api.PATCH("/api/conversations/{conversationId}/messages/{messageId}", { params: { path }, body: { feedback } }),
    ).catch((error: unknown) => {
      putMessage(queries, message);
      toast(errorText(error, t));
    });
  };
  return (
    <>
      <button type="button" className="message-tool" aria-label={t("thread.good")} title={t("thread.good")} aria-pressed={message.feedback === "up"} onClick={() => give("up")}>
        <ThumbsUp size={15} aria-hidden />
      </button>
      <button type="button" className="message-tool" aria-label={t("thread.bad")} title={t("thread.bad")} aria-pressed={message.feedback === "down"} onClick={() => give("down")}>
        <ThumbsDown size={15} aria-hidden />
      </button>
    </>
  );
}
