import { useQuery } from "@tanstack/react-query";
import { useId, type FormEvent, type ReactNode } from "react";
import { modelsQuery } from "../api/queries";
import { preferencesOf } from "../auth/preferences";
import { useSaveSettings } from "../auth/useSaveSettings";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { toast } from "../ui/toast";
import { Section } from "./Section";
import { Select } from "../ui/Select";
import { Unsaved } from "./Unsaved";
import { useUnsaved } from "./useUnsaved";

export function NewChatsSection(): ReactNode {
  const t = useT();
  const { defaultModel, systemPrompt } = preferencesOf(useUser());
  const { data: models } = useQuery(modelsQuery);
  const save = useSaveSettings();
  const prompt = useUnsaved("systemPrompt", systemPrompt ?? "");
  const id = useId();
  const chosen = defaultModel ?? "";
  const known = models?.items.map((model) => model.id) ?? [];
  const ids = chosen && !known.includes(chosen) ? [chosen, ...known] : known;
  const serverChoice = models?.default ? t("settings.model.server", { model: models.default }) : t("settings.model.serverNone");
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const saved = (): void => {
      prompt.done(prompt.text);
      toast(t("app.saved"));
    };
    save.mutate({ systemPrompt: prompt.text.trim() || null }, { onSuccess: saved });
  };
  return (
    <Section title={t("settings.chat")} lead={t("settings.chat.lead")}>
      <Select
        label={t("settings.model")}
        value={chosen}
        options={[["", serverChoice] as const, ...ids.map((name) => [name, name] as const)]}
        onChange={(wanted) => save.mutate({ defaultModel: wanted || null })}
      />
      <form className="form" onSubmit={submit}>
        <div className="field">
          <label htmlFor={id}>{t("settings.prompt")}</label>
          <textarea id={id} name="prompt" rows={4} dir="auto" maxLength={20_000} value={prompt.text} aria-describedby={`${id}-hint`} onChange={(event) => prompt.change(event.target.value)} />
          <p className="field-hint" id={`${id}-hint`}>
            {t("settings.prompt.hint")}
          </p>
        </div>
        <div>
          <button type="submit" className="button">
            {t("app.save")}
          </button>
          <Unsaved changed={prompt.changed} />
        </div>
      </form>
    </Section>
  );
}
