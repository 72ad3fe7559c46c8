import { Monitor, Moon, Sun } from "lucide-react";
import type { ChangeEvent, ReactNode } from "react";
import type { Theme } from "../api/types";
import { preferencesOf } from "../auth/preferences";
import { useSaveSettings } from "../auth/useSaveSettings";
import { useUser } from "../auth/user";
import { knownLanguage, LANGUAGES, useI18n } from "../i18n";
import { applyTheme, useChosenTheme } from "../ui/theme";
import { Section } from "./Section";
import { Select } from "../ui/Select";

const THEMES = [
  ["system", Monitor],
  ["light", Sun],
  ["dark", Moon],
] as const;

export function AppearanceSection(): ReactNode {
  const { t, language, setLanguage } = useI18n();
  const save = useSaveSettings();
  const theme = useChosenTheme();
  const { formatOwnMessages } = preferencesOf(useUser());
  const chooseFormatting = ({ target: box }: ChangeEvent<HTMLInputElement>): void => {
    const undo = (): void => void (box.checked = !box.checked);
    save.mutate({ formatOwnMessages: box.checked }, { onError: undo });
  };
  const chooseTheme = (wanted: Theme): void => {
    applyTheme(wanted);
    save.mutate({ theme: wanted });
  };
  const chooseLanguage = (wanted: string): void => {
    setLanguage(wanted);
    save.mutate({ language: knownLanguage(wanted) });
  };
  return (
    <Section title={t("settings.look")} lead={t("settings.look.lead")}>
      <fieldset className="segments">
        <legend>{t("settings.theme")}</legend>
        {THEMES.map(([name, Icon]) => (
          <label key={name}>
            <input type="radio" name="theme" checked={theme === name} onChange={() => chooseTheme(name)} />
            <Icon size={16} aria-hidden />
            <span>{t(`settings.theme.${name}`)}</span>
          </label>
        ))}
      </fieldset>
      <Select label={t("settings.language")} value={language} onChange={chooseLanguage} options={Object.entries(LANGUAGES)} />
      <label className="check">
        <input type="checkbox" defaultChecked={formatOwnMessages} onChange={chooseFormatting} />
        <span>{t("settings.formatOwn")}</span>
      </label>
    </Section>
  );
}
