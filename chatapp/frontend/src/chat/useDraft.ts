import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { useUser } from "../auth/user";
import { writeText } from "../lib/storage";
import { DraftWriter, NEW_CHAT, type Draft } from "./drafts";

type SetDraft = (text: string, options?: { now: boolean }) => void;

interface OwnDraft {
  text: string;
  setText: SetDraft;
  /** What was written for the same conversation in other tabs. */
  others: readonly Draft[];
  /** Removes one of the others. A tab that shows it stores it again. */
  forget(other: Draft): void;
}

/** The text being written in a conversation. It is stored while it is typed, so that it survives whatever happens. */
export function useDraft(conversationId: string | null): OwnDraft {
  const user = useUser();
  const place = conversationId ?? NEW_CHAT;
  const [, look] = useReducer((looks: number) => looks + 1, 0);
  const [writer] = useState(() => new DraftWriter(user.id, place, look));
  const [text, setShown] = useState(writer.text);
  const shown = useRef(text);

  useEffect(() => writer.moveTo(place, shown.current), [writer, place]);
  useEffect(() => {
    const save = (): void => void writer.save(shown.current);
    const visibilityChanged = (): void => {
      setShown((shown.current = writer.save(shown.current)));
      look();
    };
    const storageChanged = (event: StorageEvent): void => {
      if (writer.sentElsewhere(event, shown.current)) setShown((shown.current = ""));
      look();
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

  const setText = useCallback<SetDraft>(
    (next, options) => {
      setShown((shown.current = next));
      writer.typed(next);
      if (options?.now) writer.flush();
    },
    [writer],
  );
  const forget = ({ name }: Draft): void => {
    writeText(name, null);
    look();
  };
  return { text, setText, others: writer.others(text), forget };
}
