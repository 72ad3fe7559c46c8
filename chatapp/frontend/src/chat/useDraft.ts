import { useCallback, useEffect, useRef, useState } from "react";
import { DraftWriter, NEW_CHAT, readDraft } from "./drafts";
import { useServices } from "./services";

type SetDraft = (text: string, options?: { now: boolean }) => void;

/** The text being written in a conversation. It is kept while it is typed, and found again whatever happens. */
export function useDraft(conversationId: string | null): [string, SetDraft] {
  const { user } = useServices();
  const place = conversationId ?? NEW_CHAT;
  const [writer] = useState(() => new DraftWriter(user.id, place));
  const [text, setText] = useState(() => readDraft(user.id, place));
  const shown = useRef(text);

  useEffect(() => writer.moveTo(place), [writer, place]);
  useEffect(() => {
    const leave = (): void => void writer.leave();
    const turn = (): void => {
      const kept = writer.leave();
      // Another tab has written on meanwhile.
      if (document.visibilityState === "visible" && kept.startsWith(shown.current)) setText((shown.current = kept));
    };
    const heard = (event: StorageEvent): void => {
      if (writer.sentElsewhere(event, shown.current)) setText((shown.current = ""));
      else writer.heard(event, shown.current);
    };
    addEventListener("pagehide", leave);
    addEventListener("storage", heard);
    document.addEventListener("visibilitychange", turn);
    return () => {
      leave();
      removeEventListener("pagehide", leave);
      removeEventListener("storage", heard);
      document.removeEventListener("visibilitychange", turn);
    };
  }, [writer]);

  const change = useCallback<SetDraft>(
    (next, options) => {
      setText((shown.current = next));
      writer.typed(next);
      if (options?.now) writer.flush();
    },
    [writer],
  );
  return [text, change];
}
