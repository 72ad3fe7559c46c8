import { ApiError, Unreachable } from "../api/errors";
import type { Message } from "../api/types";
import { en, type Key } from "../i18n/en";
import type { Translate } from "../i18n";

/** What is said in English, by the server too: our sentences under these names, so that the other catalogues have them. */
const REFUSALS = new Map(
  Object.entries(en).flatMap(([key, sentence]) => (/^(refused|error)\./.test(key) ? [[sentence as string, key as Key]] : [])),
);

/** A sentence of the server in the person's language; one that is not known stays as it came. */
export function said(sentence: string, t: Translate): string {
  const key = REFUSALS.get(sentence);
  return key ? t(key) : sentence;
}

/** What went wrong, in a sentence for the person. */
export function errorText(error: unknown, t: Translate): string {
  if (error instanceof Unreachable) return t("error.unreachable");
  if (!(error instanceof ApiError)) return t("error.title");
  if (error.status === 429 && !REFUSALS.has(error.message)) {
    return error.retryAfter ? t("auth.tooMany", { seconds: error.retryAfter }) : t("error.tooMany");
  }
  if (error.status >= 500) return t("error.server");
  return said(Object.values(error.fields).flat()[0] ?? error.message, t);
}

/** Why an answer failed. Its code is stable; the sentence beside it is for a code that is not known here. */
export function answerErrorText(error: Message["error"], t: Translate): string {
  if (!error) return t("thread.status.error");
  const key = `answer.${error.code}`;
  return key in en ? t(key as Key) : error.message;
}
