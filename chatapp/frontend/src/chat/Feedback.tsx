import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import type { ReactNode } from "react";
import { changeMessage } from "../api/cache";
import { api, unwrap } from "../api/client";
import type { Message } from "../api/types";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";

const THUMBS = [
  ["up", "thread.good", ThumbsUp],
  ["down", "thread.bad", ThumbsDown],
] as const;

type Given = "up" | "down" | null;

/** Thumbs up or down for an answer; a second click takes it back. */
export function Feedback({ message }: { message: Message }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const path = { conversationId: message.conversationId, messageId: message.id };
  const given = message.feedback ?? null;
  const replace = (before: Given, after: Given): void =>
    changeMessage(queries, message, (shown) => ((shown.feedback ?? null) === before ? { feedback: after } : {}));
  const { mutate } = useMutation({
    scope: { id: message.id }, // one after the other, so that the last one stays
    mutationFn: (feedback: Given) =>
      unwrap(api.PATCH("/api/conversations/{conversationId}/messages/{messageId}", { params: { path }, body: { feedback } })),
    onMutate: (feedback) => {
      replace(given, feedback);
      return given;
    },
    onSuccess: (_, feedback, before) => replace(before, feedback), // the messages may have been read before it was stored
    onError: (error, feedback, before = null) => {
      replace(feedback, before);
      toastError(error, t);
    },
  });
  return THUMBS.map(([value, name, Icon]) => (
    <button key={value} type="button" className="icon-button small" aria-label={t(name)} title={t(name)} aria-pressed={given === value} onClick={() => mutate(given === value ? null : value)}>
      <Icon size={15} aria-hidden />
    </button>
  ));
}
