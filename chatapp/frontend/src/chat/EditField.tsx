import { useQueryClient } from "@tanstack/react-query";
import { useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { editAnswer } from "../api/conversations";
import { config } from "../api/config";
import type { Message } from "../api/types";
import { useI18n } from "../i18n";
import { newId } from "../lib/ids";
import { isComposing } from "../ui/composing";
import { isTouch } from "../ui/isTouch";
import { toastError } from "../ui/toastError";
import { closeEdit, editPlace, takesFocus } from "./editing";
import { lengthOf } from "./lengthOf";
import { useTurns } from "./turns";
import { useLeaveLink } from "./useBranches";
import { useDraft } from "./useDraft";

/** Edits a message in its place. A question is asked anew, an answer becomes another version of itself. */
export function EditField({ message }: { message: Message }): ReactNode {
  const { t, number } = useI18n();
  const queries = useQueryClient();
  const { delivery } = useTurns();
  const { text, setText } = useDraft(editPlace(message.id));
  const leaveLink = useLeaveLink(message.conversationId);
  const field = useRef<HTMLTextAreaElement>(null);
  const [id] = useState(newId); // of the edited answer: however often it is sent, it is stored once
  const [saving, setSaving] = useState(false);
  const own = message.role === "user";
  useLayoutEffect(() => {
    if (!takesFocus(message.id)) return;
    field.current?.focus({ preventScroll: true });
    field.current?.setSelectionRange(field.current.value.length, field.current.value.length);
  }, [message.id]);

  const close = (): void => {
    setText("", { now: true });
    closeEdit(message.id);
    focusAfter(message.id);
  };
  const over = lengthOf(text, config.maxMessageChars) - config.maxMessageChars;
  const usable = text.trim() !== "" && over <= 0 && !saving;
  const save = (): void => {
    if (!usable) return;
    if (text === message.content) return close();
    if (own) {
      delivery.send(message.conversationId, text, undefined, { editOf: message.id });
      leaveLink(message.id);
      return close();
    }
    setSaving(true);
    leaveLink(message.id);
    editAnswer(queries, message, id, text).then(close, (error: unknown) => {
      setSaving(false);
      toastError(error, t);
    });
  };
  const keyDown = (event: KeyboardEvent): void => {
    if (isComposing(event.nativeEvent)) return;
    const modified = event.ctrlKey || event.metaKey;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && (modified || (own && !event.shiftKey && !isTouch()))) save();
    else return;
    event.preventDefault();
  };
  return (
    <form
      className="edit-box"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={field}
        dir="auto"
        value={text}
        aria-label={t("thread.edit")}
        title={t(own ? "thread.edit.hint" : "thread.edit.hintAnswer")}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={keyDown}
      />
      <div className="edit-foot">
        {over > 0 && (
          <span className="counter over" role="alert">
            {t("composer.tooLong", { count: number(over) })}
          </span>
        )}
        <button type="button" className="button small quiet" onClick={close}>
          {t("app.cancel")}
        </button>
        <button type="submit" className="button small primary" disabled={!usable}>
          {t(own ? "thread.edit.send" : "app.save")}
        </button>
      </div>
    </form>
  );
}

/** The field is gone and took the focus with it: the button that opened it is there again, or else the composer is next. */
function focusAfter(messageId: string): void {
  requestAnimationFrame(() => {
    if (document.activeElement !== document.body) return;
    const button = document.querySelector<HTMLElement>(`[data-message-id="${CSS.escape(messageId)}"] .edit-message`);
    if (button) button.focus({ preventScroll: true });
    else if (!isTouch()) document.getElementById("composer")?.focus({ preventScroll: true });
  });
}
