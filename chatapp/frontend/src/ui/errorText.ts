import { ApiError, Unreachable, type FailureCode, type Fault, type Refusal } from "../api/errors";
import type { Message } from "../api/types";
import { en } from "../i18n/en";
import type { Translate } from "../i18n";

/** What went wrong and what can be done about it, for the person. */
export function errorText(error: unknown, t: Translate): string {
  if (error instanceof Unreachable) return t("error.unreachable");
  return error instanceof ApiError ? refusalText(error.refusal, t) : t("error.unknown");
}

/** The same for whoever runs the server or mends the page. A wrong password is nothing that they could explain. */
export function errorDetails(error: unknown): string | undefined {
  if (error instanceof ApiError) return error.status === 401 ? undefined : refusalDetails(error.refusal);
  return String(error instanceof Unreachable ? (error.cause ?? error) : error);
}

export const refusalDetails = ({ status, reason, faults, requestId }: Refusal): string =>
  [`HTTP ${status}`, reason, ...faults.map((fault) => `${fault.field}: ${fault.reason}`), requestId].filter(Boolean).join(" · ");

/** Why the server refused something. Its status says so where its reason is missing, or newer than this page. */
export function refusalText({ status, reason, faults, retryAfter }: Refusal, t: Translate): string {
  const fault = faults[0];
  if (fault) return faultText(fault, t);
  if (reason !== null && reason !== "throttled") {
    const key = `reason.${reason}` as const;
    if (key in en) return t(key);
  }
  if (status === 429) return retryAfter === null ? t("error.tooMany") : t("reason.throttled", { seconds: retryAfter });
  return t(status >= 500 ? "error.server" : "reason.bad_request");
}

/** What is wrong with a field. */
export function faultText({ reason, limit }: Fault, t: Translate): string {
  const key = `fault.${reason}` as const;
  return key in en ? t(key, limit === undefined ? {} : { limit }) : t("reason.invalid_input");
}

/** Why an answer failed. Its code is stable; the sentence beside it is for a code that is not known here. */
export function answerErrorText(error: Message["error"], t: Translate): string {
  if (!error) return t("thread.status.error");
  const key = `answer.${error.code as FailureCode}` as const;
  return key in en ? t(key) : error.message;
}
