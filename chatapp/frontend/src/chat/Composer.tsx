import { ArrowUp, Hourglass, Square } from "lucide-react";
import { useImperativeHandle, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type Ref } from "react";
import { useNavigationType } from "react-router";
import { config } from "../api/config";
import { listFilter } from "../api/listFilter";
import type { Conversation } from "../api/types";
import { useI18n } from "../i18n";
import { useStore } from "../lib/store";
import { isComposing } from "../ui/composing";
import { isTouch } from "../ui/isTouch";
import { toastError } from "../ui/toastError";
import { useProgress } from "./answers";
import { joined } from "./drafts";
import { lengthOf } from "./lengthOf";
import { ModelChoice, useModelChoice } from "./ModelChoice";
import { OtherDraft } from "./OtherDraft";
import { useTurns } from "./turns";
import { useDraft } from "./useDraft";

export interface ComposerHandle {
  /** Appends text to the field, and stores the draft at once. */
  fill(text: string): void;
}

interface ComposerProps {
  conversationId: string | null;
  conversation: Conversation | undefined;
  /** Whether a new chat is to be temporary. */
  temporary: boolean;
  onTemporary(temporary: boolean): void;
  /** Goes to the end of the shown branch before a message is sent; null where that is what is shown. */
  goOn: (() => Promise<void>) | null;
  /** Opens the person's last message for an edit. */
  onEditLast(): void;
  ref?: Ref<ComposerHandle>;
}

/** The field for a message, the choice of the language model, and the button that sends or stops. */
export function Composer({ conversationId, conversation, temporary, onTemporary, goOn, onEditLast, ref }: ComposerProps): ReactNode {
  const { t } = useI18n();
  const { state, delivery, following } = useTurns();
  const { text, setText, others, forget } = useDraft(conversationId);
  const field = useRef<HTMLTextAreaElement>(null);
  const isGoing = useRef(false);
  const progress = useProgress(state.answers, conversationId);
  const { projectId: listed } = useStore(listFilter);
  const projectId = conversationId === null ? listed : undefined; // a new chat belongs to the project that is listed
  const choice = useModelChoice(conversation, projectId);
  const isTemporary = conversation?.temporary ?? temporary;
  useAutoHeight(field, text);
  useInitialFocus(field);
  useImperativeHandle(ref, () => ({ fill: (more) => fill(field.current, text, more, setText) }), [text, setText]);

  const length = lengthOf(text, config.maxMessageChars);
  const sendable = text.trim() !== "" && length <= config.maxMessageChars;
  const send = (): void => {
    if (!sendable) return;
    if (goOn) return sendAfter(goOn);
    delivery.send(conversationId, text, choice, { temporary: isTemporary, projectId });
    setText("", { now: true });
    field.current?.focus();
  };
  /** Until the page is there, the text stays in the field. One that was changed meanwhile is not sent. */
  const sendAfter = (going: () => Promise<void>): void => {
    if (isGoing.current) return;
    isGoing.current = true;
    going()
      .then(() => {
        if (field.current?.value !== text) return;
        delivery.send(conversationId, text, choice);
        setText("", { now: true });
      })
      .catch((error: unknown) => toastError(error, t))
      .finally(() => (isGoing.current = false));
  };
  const stop = (): void => {
    following.stop(conversationId!).catch((error: unknown) => toastError(error, t));
    field.current?.focus();
  };
  const keyDown = (event: KeyboardEvent): void => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "ArrowUp" && text === "" && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      return onEditLast();
    }
    if (event.key !== "Enter") return;
    if ((event.shiftKey || isTouch()) && !event.ctrlKey && !event.metaKey) return; // a new line
    event.preventDefault();
    send();
  };
  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {others.map((other) => (
        <OtherDraft key={other.name} text={other.text} onAdd={() => fill(field.current, text, other.text, setText)} onDiscard={() => forget(other)} />
      ))}
      <div className="composer-box" data-temporary={isTemporary || undefined}>
        <textarea
          id="composer"
          ref={field}
          rows={1}
          dir="auto"
          value={text}
          aria-label={t("composer.label")}
          aria-describedby="composer-hint"
          placeholder={t("composer.placeholder")}
          enterKeyHint={isTouch() ? "enter" : "send"}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={keyDown}
        />
        <div className="composer-foot">
          <ModelChoice choice={choice} />
          {conversationId === null && (
            <button type="button" role="switch" className="temporary-switch" aria-checked={temporary} onClick={() => onTemporary(!temporary)}>
              <Hourglass size={14} aria-hidden /> {t("temporary")}
            </button>
          )}
          <Counter length={length} />
          {progress !== "none" && (
            <button type="button" className="round-button composer-stop" aria-label={t("composer.stop")} title={`${t("composer.stop")} (Esc)`} aria-disabled={progress === "stopping"} onClick={stop}>
              <Square size={13} fill="currentColor" aria-hidden />
            </button>
          )}
          {(progress === "none" || sendable) && (
            <button type="submit" className="round-button" aria-label={t("composer.send")} title={t("composer.send")} disabled={!sendable}>
              <ArrowUp size={19} aria-hidden />
            </button>
          )}
        </div>
      </div>
      <p className="composer-note">{t(isTemporary ? "temporary.note" : "composer.note")}</p>
      <span className="visually-hidden" id="composer-hint">
        {t(isTouch() ? "composer.hintTouch" : "composer.hint")}
      </span>
    </form>
  );
}

function Counter({ length }: { length: number }): ReactNode {
  const { t, number } = useI18n();
  const limit = config.maxMessageChars;
  if (length < limit * 0.8) return null;
  const over = length - limit;
  return (
    <span className={over > 0 ? "counter over" : "counter"} role={over > 0 ? "alert" : undefined}>
      {over > 0
        ? t("composer.tooLong", { count: number(over) })
        : t("composer.count", { count: number(length), limit: number(limit) })}
    </span>
  );
}

function fill(field: HTMLTextAreaElement | null, text: string, more: string, setText: (text: string, options: { now: boolean }) => void): void {
  setText(joined(text, more), { now: true });
  requestAnimationFrame(() => {
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  });
}

const HAS_FIELD_SIZING = typeof CSS !== "undefined" && CSS.supports("field-sizing", "content");

/** Makes the field as high as its text where the browser cannot do that in CSS. */
function useAutoHeight(field: { current: HTMLTextAreaElement | null }, text: string): void {
  useLayoutEffect(() => {
    const area = field.current;
    if (HAS_FIELD_SIZING || !area) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight}px`;
  }, [field, text]);
}

/** Focuses the field, but not on a touch screen, nor where somebody does something else. While the page loads, that may be anything. */
function useInitialFocus(field: { current: HTMLTextAreaElement | null }): void {
  const [loaded] = useState(useNavigationType() === "POP");
  useLayoutEffect(() => {
    const engaged = document.activeElement?.closest(loaded ? ":not(html, body)" : "input, [role=dialog], [role=menu], [role=search]");
    if (!engaged && !isTouch()) field.current?.focus({ preventScroll: true });
  }, [field, loaded]);
}
