import type { Message } from "../api/types";
import type { Key } from "../i18n";

/** Whether an answer was stopped, interrupted, or cut off by its length, so that it can be gone on with. */
export const isCutOff = ({ role, content, status, finishReason }: Message): boolean =>
  role === "assistant" && content !== "" && (status === "stopped" || status === "interrupted" || (status === "complete" && finishReason === "length"));

/** The note that tells why a complete answer ends before it is finished, or null where it does not. */
export function finishNote({ status, finishReason }: Message): Key | null {
  if (status !== "complete") return null;
  if (finishReason === "length" || finishReason === "content_filter") return `thread.finish.${finishReason}`;
  return null;
}
