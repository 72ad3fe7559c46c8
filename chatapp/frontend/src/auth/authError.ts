import { ApiError } from "../api/errors";
import type { Translate } from "../i18n";
import { errorDetails, errorText, faultText } from "../ui/errorText";

/** What went wrong, split into what belongs to a field and what is shown above the button. */
export function authError(error: unknown, t: Translate): { general: string | null; details: string | undefined; fields: Record<string, string> } {
  const faults = error instanceof ApiError ? error.refusal.faults : [];
  const fields = Object.fromEntries([...faults].reverse().map((fault) => [fault.field, faultText(fault, t)]));
  return { general: faults.length ? null : errorText(error, t), details: errorDetails(error), fields };
}
