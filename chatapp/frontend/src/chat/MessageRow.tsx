import { Check, CheckCheck, Pencil } from "lucide-react";
import { memo, type ReactNode } from "react";
import type { Message } from "../api/types";
import { useUser } from "../auth/user";
import { useI18n } from "../i18n";
import { CopyButton } from "../ui/CopyButton";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { AnswerFoot } from "./AnswerFoot";
import { useAnswer } from "./answers";
import { AnswerText } from "./AnswerText";
import { EditField } from "./EditField";
import { openEdit, useIsEdited } from "./editing";
import { MessageMenu } from "./MessageMenu";
import { MessageTime } from "./MessageTime";
import { OwnText } from "./OwnText";
import { useReadOnly } from "./readOnly";
import { Reasoning } from "./Reasoning";
import { Siblings } from "./Siblings";
import { useTurns } from "./turns";

interface MessageRowProps {
  message: Message;
  /** It is the newest message. */
  last: boolean;
  /** It is a question that has its answer. */
  answered: boolean;
}

export const MessageRow = memo(function MessageRow({ message, last, answered }: MessageRowProps): ReactNode {
  return (
    <ErrorBoundary fallback={<PlainMessage message={message} />} shows={message}>
      <Row message={message} last={last} answered={answered} />
    </ErrorBoundary>
  );
});

function Row({ message, last, answered }: MessageRowProps): ReactNode {
  if (message.role === "user") return <OwnMessage message={message} answered={answered} />;
  if (message.status === "streaming") return <RunningAnswer message={message} />;
  return <StoredAnswer message={message} last={last} />;
}

/** What is left of a message that cannot be rendered: its text. */
function PlainMessage({ message }: { message: Message }): ReactNode {
  return (
    <article className={message.role === "user" ? "message own" : "message answer"} data-message-id={message.id}>
      <p className="plain" dir="auto">
        {message.content}
      </p>
    </article>
  );
}

function OwnMessage({ message, answered }: Omit<MessageRowProps, "last">): ReactNode {
  const { t } = useI18n();
  const user = useUser();
  const edited = useIsEdited(user.id, message.id);
  const readOnly = useReadOnly();
  return (
    <article className="message own" data-message-id={message.id}>
      <h2 className="visually-hidden">{t("thread.you")}</h2>
      {edited ? (
        <EditField message={message} />
      ) : (
        <>
          <OwnText id={message.id} text={message.content} />
          <div className="message-foot">
            <MessageTime iso={message.createdAt} />
            <CopyButton text={message.content} className="icon-button small" />
            {!readOnly && (
              <button
                type="button"
                className="icon-button small edit-message"
                aria-label={t("thread.edit")}
                title={t("thread.edit")}
                onClick={() => openEdit(user.id, message.id, message.content)}
              >
                <Pencil size={15} aria-hidden />
              </button>
            )}
            <MessageMenu message={message} />
            <Siblings message={message} />
            <Mark answered={answered} />
          </div>
        </>
      )}
    </article>
  );
}

/** How far one's own message has come. One that is on its way is an `UnsentRow`. */
function Mark({ answered }: { answered: boolean }): ReactNode {
  const name = useI18n().t(answered ? "thread.mark.answered" : "thread.mark.stored");
  const Icon = answered ? CheckCheck : Check;
  return (
    <span className="mark" role="img" aria-label={name} title={name}>
      <Icon size={14} aria-hidden />
    </span>
  );
}

function StoredAnswer({ message, last }: Omit<MessageRowProps, "answered">): ReactNode {
  const { t } = useI18n();
  const edited = useIsEdited(useUser().id, message.id);
  return (
    <article className="message answer" data-message-id={message.id} data-status={message.status}>
      <h2 className="visually-hidden">{t(message.role === "system" ? "thread.system" : "thread.assistant")}</h2>
      {edited ? (
        <EditField message={message} />
      ) : (
        <>
          {message.reasoning && <Reasoning id={message.id} text={message.reasoning.text} ms={message.reasoning.ms} />}
          <div className="message-text">
            <AnswerText text={message.content} running={false} />
          </div>
          <AnswerFoot message={message} last={last} />
        </>
      )}
    </article>
  );
}

function RunningAnswer({ message }: { message: Message }): ReactNode {
  const { t } = useI18n();
  const { answers } = useTurns().state;
  const running = useAnswer(answers, message.conversationId);
  const answer = running?.messageId === message.id ? running : undefined;
  const text = answer ? answer.text : message.content;
  const reasoning = answer?.reasoning || message.reasoning?.text;
  return (
    <article className="message answer" data-message-id={message.id} data-status="streaming" aria-busy="true">
      <h2 className="visually-hidden">{t("thread.assistant")}</h2>
      {reasoning && <Reasoning id={message.id} text={reasoning} ms={answer?.thoughtMs} since={text ? null : answer?.thinkingSince} />}
      <div className="message-text">
        {text ? <AnswerText text={text} running /> : <Thinking />}
      </div>
      <div className="message-foot running">{answer?.reconnecting && t("thread.reconnecting")}</div>
    </article>
  );
}

function Thinking(): ReactNode {
  const { t } = useI18n();
  return (
    <span className="thinking" role="img" aria-label={t("thread.thinking")}>
      <i />
      <i />
      <i />
    </span>
  );
}
