import { useEffect, useState, type ReactNode } from "react";
import { useT } from "../i18n";
import { answerErrorText } from "../ui/errorText";
import { useServices } from "./services";

const SPOKEN = 600; // characters of an answer that are read out by themselves; the rest is in the thread

/** Tells a screen reader when an answer begins, and reads it when it has ended: never token by token. */
export function Announcer({ conversationId }: { conversationId: string | null }): ReactNode {
  const t = useT();
  const { turns } = useServices();
  const [text, say] = useState("");
  useEffect(
    () =>
      turns.news.subscribe(() => {
        const news = turns.news.get();
        if (!news || news.conversationId !== conversationId) return;
        const { status, content, error } = news.message;
        if (status === "streaming") say(t("thread.announce.begin"));
        else if (error) say(t("thread.announce.failed", { text: answerErrorText(error, t) }));
        else say(t("thread.announce.end", { text: content.slice(0, SPOKEN) }));
      }),
    [turns, conversationId, t],
  );
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {text}
    </div>
  );
}
