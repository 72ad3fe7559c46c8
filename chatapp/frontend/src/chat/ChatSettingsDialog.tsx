import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { saveConversation } from "../api/conversations";
import { projectsQuery } from "../api/order";
import { modelsQuery } from "../api/queries";
import type { Conversation, ConversationChange } from "../api/types";
import { useProject } from "../api/useProject";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
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

/** The title, the project and the settings of one chat. What differs from the person's defaults is marked. */
export default function ChatSettingsDialog({ conversation, onClose }: DialogProps): ReactNode {
  const t = useT();
  const id = useId();
  const { data: models } = useQuery(modelsQuery);
  const { data: projects = [] } = useQuery(projectsQuery);
  const [title, setTitle] = useState(conversation.title);
  const [projectId, setProjectId] = useState(conversation.projectId ?? null);
  const project = useProject(projectId);
  const defaults = defaultsOf(useUser(), models, project);
  const [chosen, setChosen] = useState<ChatSettings>(() => pick(conversation));
  const set = (change: Partial<ChatSettings>): void => setChosen({ ...chosen, ...change });
  const save = useSave(conversation, onClose);
  const changed = differing(chosen, defaults, models, project);
  const remark = (name: keyof ChatSettings): string | undefined => (changed.includes(name) ? t("chat.differs") : undefined);
  const known = models?.items.map((model) => model.id) ?? [];
  const usual = project?.model ? t("chat.model.project", { model: project.model }) : models?.default ? t("settings.model.server", { model: models.default }) : t("settings.model.serverNone");
  const names = chosen.model && !known.includes(chosen.model) ? [chosen.model, ...known] : known;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate({ title: title.trim() || conversation.title, projectId, ...chosen, systemPrompt: chosen.systemPrompt?.trim() || null });
  };
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog chat-settings-dialog" {...useFocusBack()} aria-describedby={undefined}>
          <Dialog.Title>{t("chat.settings")}</Dialog.Title>
          <form className="form" onSubmit={submit}>
            <Field label={t("nav.title")} maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
            <Select
              label={t("chat.project")}
              value={projectId ?? ""}
              options={[["", t("move.none")], ...projects.map(({ id, name }) => [id, name] as const)]}
              onChange={(id) => setProjectId(id || null)}
            />
            <Select
              label={t("composer.model")}
              remark={remark("model")}
              value={chosen.model ?? ""}
              options={[["", usual], ...names.map((name) => [name, name] as const)]}
              onChange={(model) => set({ model: model || null })}
            />
            <div className="field">
              <div className="field-head">
                <label htmlFor={id}>{t("settings.prompt")}</label>
                {changed.includes("systemPrompt") && <span className="field-remark">{t("chat.differs")}</span>}
              </div>
              <textarea id={id} rows={4} dir="auto" maxLength={20_000} placeholder={project?.systemPrompt ?? ""} value={chosen.systemPrompt ?? ""} aria-describedby={project?.systemPrompt ? `${id}-hint` : undefined} onChange={(event) => set({ systemPrompt: event.target.value || null })} />
              {project?.systemPrompt && (
                <p className="field-hint" id={`${id}-hint`}>
                  {t("chat.prompt.project")}
                </p>
              )}
            </div>
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

const pick = (from: ChatSettings): ChatSettings => Object.fromEntries(SETTINGS.map((name) => [name, from[name]])) as unknown as ChatSettings;

type Everything = ChatSettings & Pick<Conversation, "title" | "projectId">;

/** Saves what has changed, and offers to take it back. */
function useSave(conversation: Conversation, onSaved: () => void) {
  const t = useT();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: Everything) => {
      const names = ([...SETTINGS, "title", "projectId"] as const).filter((name) => wanted[name] !== (conversation[name] ?? null));
      const only = (from: Everything): ConversationChange => Object.fromEntries(names.map((name) => [name, from[name] ?? null]));
      if (names.length === 0) return;
      const send = (change: ConversationChange): Promise<void> => saveConversation(queries, conversation.id, change);
      await send(only(wanted));
      done(t("app.saved"), () => void send(only(conversation)).catch((error: unknown) => toastError(error, t)), t);
    },
    onSuccess: onSaved,
    onError: (error) => toastError(error, t),
  });
}
