import { ApiError } from "../api/errors";
import type { Translate } from "../i18n";
import { errorText, said } from "../ui/errorText";

/** What went wrong, split into what belongs to a field and what is shown above the button. */
export function authError(error: unknown, t: Translate): { general: string | null; fields: Record<string, string> } {
  if (error instanceof ApiError && error.status === 401) return { general: t("auth.wrong"), fields: {} };
  const fields: Record<string, string> = {};
  if (error instanceof ApiError && error.status === 422) {
    for (const [name, sentences] of Object.entries(error.fields)) fields[name] = said(sentences[0] ?? error.message, t);
  }
  return { general: Object.keys(fields).length ? null : errorText(error, t), fields };
}
