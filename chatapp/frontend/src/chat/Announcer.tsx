import { useEffect, useState, type ReactNode } from "react";
import { useT } from "../i18n";
import { answerErrorText } from "../ui/errorText";
import { finishNote } from "./finishNote";
import { useTurns } from "./turns";

const SPOKEN = 600; // characters of an answer that are announced; the rest can be read in the thread

/** Tells a screen reader when an answer starts, and reads it when it has ended: never token by token. */
export function Announcer({ conversationId }: { conversationId: string | null }): ReactNode {
  const t = useT();
  const { news } = useTurns().state;
  const [text, announce] = useState("");
  useEffect(
    () =>
      news.subscribe(() => {
        const message = news.get();
        if (message?.conversationId !== conversationId) return;
        const { status, content, error } = message;
        const note = finishNote(message);
        if (status === "streaming") announce(t("thread.announce.begin"));
        else if (error) announce(t("thread.announce.failed", { text: answerErrorText(error, t) }));
        else announce([t("thread.announce.end", { text: content.slice(0, SPOKEN) }), note && t(note)].filter(Boolean).join(" "));
      }),
    [news, conversationId, t],
  );
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
