import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState, type FormEvent, type ReactNode } from "react";
import { saveProject, type ProjectFields } from "../api/order";
import type { Conversation, Project } from "../api/types";
import { modelsQuery } from "../api/queries";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { Field } from "../ui/Field";
import { Modal } from "../ui/Modal";
import { Select } from "../ui/Select";
import { closeDialog } from "./dialogs";
import { useMove } from "./useMove";

interface ProjectDialogProps {
  project: Project | null;
  /** They move into a new project. */
  items: readonly Conversation[];
}

/** A project's name, and what its conversations begin with. */
export function ProjectDialog({ project, items }: ProjectDialogProps): ReactNode {
  const t = useT();
  const id = useId();
  const queries = useQueryClient();
  const move = useMove();
  const { data: models } = useQuery(modelsQuery);
  const [fields, setFields] = useState<ProjectFields>({ name: "", systemPrompt: null, model: null, ...project });
  const change = (changed: Partial<ProjectFields>): void => setFields({ ...fields, ...changed });
  const name = fields.name.trim();
  const save = useMutation({
    mutationFn: () => saveProject(queries, project?.id ?? null, { name, systemPrompt: fields.systemPrompt?.trim() || null, model: fields.model }),
    onSuccess: (saved) => {
      closeDialog();
      if (items.length > 0) move(items, saved.id, saved.name);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (name && !save.isPending) save.mutate();
  };
  const known = models?.items.map((model) => model.id) ?? [];
  const ids = fields.model && !known.includes(fields.model) ? [fields.model, ...known] : known;
  return (
    <Modal title={t(project ? "projects.edit" : "projects.new")} onClose={closeDialog}>
      <form className="form" onSubmit={submit}>
        <Field label={t("projects.name")} value={fields.name} maxLength={100} required autoFocus error={save.error ? errorText(save.error, t) : undefined} onChange={(event) => change({ name: event.target.value })} />
        <div className="field">
          <label htmlFor={id}>{t("settings.prompt")}</label>
          <textarea id={id} rows={5} dir="auto" maxLength={20_000} value={fields.systemPrompt ?? ""} aria-describedby={`${id}-hint`} onChange={(event) => change({ systemPrompt: event.target.value })} />
          <p className="field-hint" id={`${id}-hint`}>
            {t("projects.prompt.hint")}
          </p>
        </div>
        <Select
          label={t("settings.model")}
          value={fields.model ?? ""}
          options={[["", t("projects.model.own")] as const, ...ids.map((model) => [model, model] as const)]}
          onChange={(model) => change({ model: model || null })}
        />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={closeDialog}>
            {t("app.cancel")}
          </button>
          <button type="submit" className="button primary" aria-disabled={!name || save.isPending}>
            {t("app.save")}
          </button>
        </div>
      </form>
    </Modal>
  );
}
