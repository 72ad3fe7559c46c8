import { useQueryClient } from "@tanstack/react-query";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import type { ReactNode } from "react";
import { putMessage } from "../api/cache";
import { api, unwrap } from "../api/client";
import type { Message } from "../api/types";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";

const THUMBS = [
  ["up", "thread.good", ThumbsUp],
  ["down", "thread.bad", ThumbsDown],
] as const;

/** Thumbs up or down for an answer; a second click takes it back. */
export function Feedback({ message }: { message: Message }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const give = (chosen: "up" | "down"): void => {
    const feedback = message.feedback === chosen ? null : chosen;
    putMessage(queries, { ...message, feedback });
    const path = { conversationId: message.conversationId, messageId: message.id };
    unwrap(
      api.PATCH("/api/conversations/{conversationId}/messages/{messageId}", { params: { path }, body: { feedback } }),
    ).catch((error: unknown) => {
      putMessage(queries, message);
      toast(errorText(error, t));
    });
  };
  return THUMBS.map(([value, name, Icon]) => (
    <button key={value} type="button" className="icon-button small" aria-label={t(name)} title={t(name)} aria-pressed={message.feedback === value} onClick={() => give(value)}>
      <Icon size={15} aria-hidden />
    </button>
  ));
}
