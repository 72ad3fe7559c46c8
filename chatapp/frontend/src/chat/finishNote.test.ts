import { expect, test } from "vitest";
import type { Message } from "../api/types";
import { finishNote, isCutOff } from "./finishNote";

const answer = (fields: Partial<Message>) => ({ role: "assistant", status: "complete", ...fields }) as Message;

test("an answer that was cut off by its length or by a filter has a note", () => {
  expect(finishNote(answer({ finishReason: "length" }))).toBe("thread.finish.length");
  expect(finishNote(answer({ finishReason: "content_filter" }))).toBe("thread.finish.content_filter");
});

test("an answer that ended by itself, or whose end is told otherwise, has none", () => {
  expect(finishNote(answer({}))).toBeNull();
  expect(finishNote(answer({ finishReason: "stop" }))).toBeNull();
  expect(finishNote(answer({ finishReason: "length", status: "stopped" }))).toBeNull();
});

test("an answer that was stopped, interrupted or cut off by its length can be continued, and no other", () => {
  const cut = [{ status: "stopped" }, { status: "interrupted" }, { finishReason: "length" }] as const;
  for (const fields of cut) expect(isCutOff(answer({ content: "Sun", ...fields }))).toBe(true);
  for (const fields of [{}, { finishReason: "content_filter" }, { status: "error" }] as const) expect(isCutOff(answer({ content: "Sun", ...fields }))).toBe(false);
  expect(isCutOff(answer({ content: "", status: "stopped" }))).toBe(false);
});
