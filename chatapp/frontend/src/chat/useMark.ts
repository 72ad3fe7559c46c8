import { useMutation, useQueryClient } from "@tanstack/react-query";
import { changeMessage } from "../api/cache";
import { api, unwrap } from "../api/client";
import { keys } from "../api/keys";
import type { Message } from "../api/types";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";

type Marks = Required<Pick<Message, "feedback" | "starred">>;

/** One of the reader's marks on a message, and what sets it: shown at once, and taken back where the server refuses. */
export function useMark<Name extends keyof Marks>(message: Message, name: Name, none: Marks[Name]) {
  type Mark = Marks[Name];
  const t = useT();
  const queries = useQueryClient();
  const path = { conversationId: message.conversationId, messageId: message.id };
  const given = (message[name] ?? none) as Mark;
  const replace = (before: Mark, after: Mark): void =>
    changeMessage(queries, message, (shown) => ((shown[name] ?? none) === before ? { [name]: after } : {}));
  const { mutate } = useMutation({
    scope: { id: message.id }, // one after the other, so that the last one stays
    mutationFn: (mark: Mark) =>
      unwrap(api.PATCH("/api/conversations/{conversationId}/messages/{messageId}", { params: { path }, body: { [name]: mark } })),
    onMutate: (mark) => {
      replace(given, mark);
      return given;
    },
    onSuccess: (_, mark, before) => {
      replace(before, mark); // the messages may have been read before it was stored
      if (name === "starred") void queries.invalidateQueries({ queryKey: keys.starred });
    },
    onError: (error, mark, before = none) => {
      replace(mark, before);
      toastError(error, t);
    },
  });
  return [given, mutate] as const;
}
