/** The account's settings as far as the page knows them. The server keeps any, and another client may have stored others. */
import type { Theme, User } from "../api/types";
import { knownLanguage } from "../i18n";
import { isTheme } from "../ui/theme";

export interface Preferences {
  theme: Theme | null;
  language: string | null;
  defaultModel: string | null;
  systemPrompt: string | null;
  formatOwnMessages: boolean;
  /** Days without use after which a conversation goes to the trash. */
  retentionDays: number | null;
}

export function preferencesOf({ settings }: Pick<User, "settings">): Preferences {
  return {
    theme: isTheme(settings.theme) ? settings.theme : null,
    language: knownLanguage(settings.language),
    defaultModel: textOf(settings.defaultModel),
    systemPrompt: textOf(settings.systemPrompt),
    formatOwnMessages: settings.formatOwnMessages !== false,
    retentionDays: typeof settings.retentionDays === "number" ? settings.retentionDays : null,
  };
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
