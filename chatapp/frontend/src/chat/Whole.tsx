import { useQueryClient } from "@tanstack/react-query";
import { memo, useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { createPortal } from "react-dom";
import { loadAll } from "../api/queries";
import type { Message } from "../api/types";
import { useI18n } from "../i18n";
import { answerErrorText } from "../ui/errorText";
import { toastError } from "../ui/toastError";
import { AnswerText } from "./AnswerText";
import { MessageTime } from "./MessageTime";
import { OwnText } from "./OwnText";
import { ThoughtFor } from "./Reasoning";
import { useTurns } from "./turns";
import { isUnfolded } from "./unfolded";
import { inPlaceOfThePage, printed, saved, settled } from "./whole";
import "../styles/whole.css";

interface WholeProps {
  conversationId: string;
  title: string;
  goal: "select" | "print" | "save";
  onDone(): void;
}

const BATCH = 40; // messages that are rendered at once, so that the page stays usable

/** Renders all of a conversation beside the page, then shows all of it selected, prints it or saves it as a file. Shows how far that is. */
export default function Whole({ conversationId, title, goal, onDone }: WholeProps): ReactNode {
  const { t, number } = useI18n();
  const queries = useQueryClient();
  const sheet = useRef<HTMLDivElement>(null);
  const [loaded, setLoaded] = useState(0);
  const [messages, setMessages] = useState<readonly Message[] | null>(null);
  const [batches, setBatches] = useState(0);
  const total = messages?.length ?? 0;
  const drawn = messages !== null && batches * BATCH >= total;
  const reading = goal === "select" && drawn;

  useEffect(() => {
    const left = new AbortController();
    loadAll(queries, conversationId, left.signal, setLoaded).then(
      (all) => left.signal.aborted || setMessages(all),
      (error: unknown) => {
        toastError(error, t);
        onDone();
      },
    );
    return () => left.abort();
  }, [conversationId, queries, onDone, t]);
  useEffect(() => {
    if (messages === null || drawn) return;
    const next = setTimeout(() => setBatches(batches + 1));
    return () => clearTimeout(next);
  }, [messages, batches, drawn]);
  useEffect(() => {
    if (!drawn) return;
    let wanted = true;
    void settled(sheet.current!).then(async () => {
      if (!wanted) return;
      if (goal === "select") return getSelection()?.selectAllChildren(sheet.current!);
      await (goal === "print" ? printed() : saved(sheet.current!, title)).catch((error: unknown) => toastError(error, t));
      onDone();
    });
    return () => {
      wanted = false;
    };
  }, [drawn, goal, title, onDone, t]);

  useEffect(() => (reading ? inPlaceOfThePage(sheet.current!) : undefined), [reading]);

  const leave = ({ key }: KeyboardEvent): void => void (key === "Escape" && onDone());
  return (
    <>
      {!reading && (
        <div className="whole-progress" role="status">
          <progress value={messages === null ? undefined : batches * BATCH} max={total || 1} aria-hidden />
          <span>{messages === null ? t("whole.loading", { count: number(loaded) }) : t("whole.drawing", { count: number(Math.min(batches * BATCH, total)), total: number(total) })}</span>
          <button type="button" className="button small" onClick={onDone}>
            {t("app.cancel")}
          </button>
        </div>
      )}
      {createPortal(
        <div className={reading ? "whole reading" : "whole"} ref={sheet} {...(reading && { role: "dialog", "aria-label": t("whole.all"), tabIndex: -1, onKeyDown: leave })}>
          {reading && (
            <button type="button" className="button small" onClick={onDone}>
              {t("whole.back")}
            </button>
          )}
          <h1 dir="auto">{title || t("nav.untitled")}</h1>
          {messages !== null && Array.from({ length: batches }, (_, at) => <Batch key={at} messages={messages} from={at * BATCH} unfold={goal === "print"} />)}
        </div>,
        document.body,
      )}
    </>
  );
}

interface BatchProps {
  messages: readonly Message[];
  from: number;
  /** Nothing can be unfolded on paper. */
  unfold: boolean;
}

const Batch = memo(function Batch({ messages, from, unfold }: BatchProps): ReactNode {
  return messages.slice(from, from + BATCH).map((message) => <Said key={message.id} message={message} unfold={unfold} />);
});

function Said({ message, unfold }: { message: Message; unfold: boolean }): ReactNode {
  const { id, conversationId, role, content, reasoning, status, error, model, createdAt } = message;
  const { t } = useI18n();
  const { answers } = useTurns().state;
  const text = status === "streaming" ? (answers.get(conversationId)?.text ?? content) : content;
  const own = role === "user";
  return (
    <article className={own ? "message own" : "message answer"}>
      <h2 className="whole-who">
        {t(own ? "whole.you" : role === "system" ? "thread.system" : "whole.assistant")} <MessageTime iso={createdAt} kept /> {model}
      </h2>
      {reasoning && isUnfolded(id) && (
        <details className="reasoning" open={unfold}>
          <summary>
            <ThoughtFor ms={reasoning.ms} />
          </summary>
          <div className="reasoning-text">
            <AnswerText text={reasoning.text} running={false} />
          </div>
        </details>
      )}
      {own ? (
        <OwnText id={id} text={text} whole />
      ) : (
        <div className="message-text">
          <AnswerText text={text} running={false} />
        </div>
      )}
      {(status === "error" || error) && <p className="answer-note">{answerErrorText(error, t)}</p>}
      {(status === "stopped" || status === "interrupted") && <p className="answer-note">{t(`thread.status.${status}`)}</p>}
    </article>
  );
}
