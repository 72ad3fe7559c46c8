import { useCallback, useEffect, useRef, useState } from "react";
import { useUser } from "../auth/user";
import { DraftWriter, NEW_CHAT, readDraft } from "./drafts";

type SetDraft = (text: string, options?: { now: boolean }) => void;

/** The text being written in a conversation. It is stored while it is typed, so that it survives whatever happens. */
export function useDraft(conversationId: string | null): [string, SetDraft] {
  const user = useUser();
  const place = conversationId ?? NEW_CHAT;
  const [writer] = useState(() => new DraftWriter(user.id, place));
  const [text, setText] = useState(() => readDraft(user.id, place));
  const shown = useRef(text);

  useEffect(() => writer.moveTo(place), [writer, place]);
  useEffect(() => {
    const save = (): void => void writer.save();
    const visibilityChanged = (): void => {
      const stored = writer.save();
      // Another tab may have added to it.
      if (document.visibilityState === "visible" && stored.startsWith(shown.current)) setText((shown.current = stored));
    };
    const storageChanged = (event: StorageEvent): void => {
      if (writer.sentElsewhere(event, shown.current)) setText((shown.current = ""));
      else writer.changedElsewhere(event, shown.current);
    };
    addEventListener("pagehide", save);
    addEventListener("storage", storageChanged);
    document.addEventListener("visibilitychange", visibilityChanged);
    return () => {
      save();
      removeEventListener("pagehide", save);
      removeEventListener("storage", storageChanged);
      document.removeEventListener("visibilitychange", visibilityChanged);
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
