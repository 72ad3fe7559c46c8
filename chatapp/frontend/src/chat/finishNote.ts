import type { Message } from "../api/types";
import type { Key } from "../i18n";

/** The note that tells why a complete answer ends before it is finished, or null where it does not. */
export function finishNote({ status, finishReason }: Message): Key | null {
  if (status !== "complete") return null;
  if (finishReason === "length" || finishReason === "content_filter") return `thread.finish.${finishReason}`;
  return null;
}
