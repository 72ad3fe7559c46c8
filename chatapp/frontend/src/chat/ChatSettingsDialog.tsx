import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown, X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { saveConversation } from "../api/conversations";
import { modelsQuery } from "../api/queries";
import type { Conversation, ConversationChange } from "../api/types";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { Field } from "../ui/Field";
import { toastError } from "../ui/toastError";
import { done } from "../ui/undo";
import { useFocusBack } from "../ui/useFocusBack";
import { defaultsOf, differing, SETTINGS, type ChatSettings } from "./chatDefaults";

interface DialogProps {
  conversation: Conversation;
  onClose(): void;
}

const MOST_TOKENS = 1_000_000; // what the server accepts

/** The numbers among the settings: their names, and what the field allows. */
const NUMBERS = [
  ["temperature", "chat.temperature", { min: 0, max: 2, step: "any", inputMode: "decimal" }],
  ["topP", "chat.topP", { min: 0, max: 1, step: "any", inputMode: "decimal" }],
  ["maxTokens", "chat.maxTokens", { min: 1, max: MOST_TOKENS, step: 1, inputMode: "numeric" }],
] as const;

/** The title and the settings of one chat. What differs from the person's defaults is marked. */
export default function ChatSettingsDialog({ conversation, onClose }: DialogProps): ReactNode {
  const t = useT();
  const id = useId();
  const { data: models } = useQuery(modelsQuery);
  const defaults = defaultsOf(useUser(), models);
  const [title, setTitle] = useState(conversation.title);
  const [chosen, setChosen] = useState<ChatSettings>(() => pick(conversation));
  const set = (change: Partial<ChatSettings>): void => setChosen({ ...chosen, ...change });
  const save = useSave(conversation, onClose);
  const changed = differing(chosen, defaults, models);
  const remark = (name: keyof ChatSettings): string | undefined => (changed.includes(name) ? t("chat.differs") : undefined);
  const known = models?.items.map((model) => model.id) ?? [];
  const names = chosen.model && !known.includes(chosen.model) ? [chosen.model, ...known] : known;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate({ title: title.trim() || conversation.title, ...chosen, systemPrompt: chosen.systemPrompt?.trim() || null });
  };
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog chat-settings-dialog" {...useFocusBack()} aria-describedby={undefined}>
          <Dialog.Title>{t("chat.settings")}</Dialog.Title>
          <form className="form" onSubmit={submit}>
            <Field label={t("nav.title")} maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
            <Labelled id={`${id}-model`} label={t("composer.model")} remark={remark("model")}>
              <div className="field-box select">
                <select id={`${id}-model`} value={chosen.model ?? ""} onChange={(event) => set({ model: event.target.value || null })}>
                  <option value="">{models?.default ? t("settings.model.server", { model: models.default }) : t("settings.model.serverNone")}</option>
                  {names.map((name) => (
                    <option key={name}>{name}</option>
                  ))}
                </select>
                <ChevronDown size={16} aria-hidden />
              </div>
            </Labelled>
            <Labelled id={`${id}-prompt`} label={t("settings.prompt")} remark={remark("systemPrompt")}>
              <textarea id={`${id}-prompt`} rows={4} dir="auto" maxLength={20_000} value={chosen.systemPrompt ?? ""} onChange={(event) => set({ systemPrompt: event.target.value || null })} />
            </Labelled>
            <div className="chat-numbers">
              {NUMBERS.map(([name, label, limits]) => (
                <Field
                  key={name}
                  label={t(label)}
                  remark={remark(name)}
                  hint={t(`${label}.hint`)}
                  type="number"
                  {...limits}
                  placeholder={t("chat.default")}
                  value={chosen[name] ?? ""}
                  onChange={({ target }) => set({ [name]: Number.isNaN(target.valueAsNumber) ? null : target.valueAsNumber })}
                />
              ))}
            </div>
            <div className="dialog-actions">
              {changed.length > 0 && (
                <button type="button" className="button quiet" onClick={() => setChosen(defaults)}>
                  {t("chat.toDefaults")}
                </button>
              )}
              <button type="submit" className="button primary" disabled={save.isPending}>
                {t("app.save")}
              </button>
            </div>
          </form>
          <Dialog.Close className="icon-button dialog-close" aria-label={t("app.close")}>
            <X size={18} aria-hidden />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Labelled({ id, label, remark, children }: { id: string; label: string; remark: string | undefined; children: ReactNode }): ReactNode {
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        {remark && <span className="field-remark">{remark}</span>}
      </div>
      {children}
    </div>
  );
}

const pick = (from: ChatSettings): ChatSettings => Object.fromEntries(SETTINGS.map((name) => [name, from[name]])) as unknown as ChatSettings;

/** Saves what has changed, and offers to take it back. */
function useSave(conversation: Conversation, onSaved: () => void) {
  const t = useT();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: ChatSettings & { title: string }) => {
      const names = ([...SETTINGS, "title"] as const).filter((name) => wanted[name] !== conversation[name]);
      const only = (from: ChatSettings & { title: string }): ConversationChange => Object.fromEntries(names.map((name) => [name, from[name]]));
      if (names.length === 0) return;
      const send = (change: ConversationChange): Promise<void> => saveConversation(queries, conversation.id, change);
      await send(only(wanted));
      done(t("app.saved"), () => void send(only(conversation)).catch((error: unknown) => toastError(error, t)), t);
    },
    onSuccess: onSaved,
    onError: (error) => toastError(error, t),
  });
}
