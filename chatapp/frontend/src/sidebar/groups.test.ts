import { expect, test } from "vitest";
import type { Conversation } from "../api/types";
import { rows } from "./groups";

const conversation = (id: string, updatedAt: Date, more: Partial<Conversation> = {}): Conversation => ({
  id,
  userId: "u",
  title: id,
  model: null,
  projectId: null,
  topP: null,
  readMessageId: null,
  unread: false,
  systemPrompt: null,
  temperature: null,
  maxTokens: null,
  pinned: false,
  archived: false,
  tags: [],
  temporary: false,
  createdAt: updatedAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
  trashedAt: null,
  messageCount: 2,
  activeMessageId: null,
  generation: null,
  ...more,
});

const now = new Date(2026, 4, 20, 9, 0);
const shape = (list: Conversation[]): string[] =>
  rows(list, now).map((row) => (row.type === "heading" ? `# ${row.group.kind}` : row.conversation.id));

test("conversations are grouped by the day of their last activity, newest first", () => {
  const list = [
    conversation("old", new Date(2026, 0, 3)),
    conversation("night", new Date(2026, 4, 19, 23, 59)),
    conversation("morning", new Date(2026, 4, 20, 0, 1)),
    conversation("spring", new Date(2026, 4, 1)),
    conversation("days", new Date(2026, 4, 15)),
  ];
  expect(shape(list)).toEqual(
    ["# today", "morning", "# yesterday", "night", "# week", "days", "# month", "spring", "# calendar", "old"],
  );
});

test("pinned conversations come first, whatever their age", () => {
  const list = [conversation("new", now), conversation("kept", new Date(2020, 1, 1), { pinned: true })];
  expect(shape(list)).toEqual(["# pinned", "kept", "# today", "new"]);
});

test("a conversation without messages is hidden unless its first answer is being written", () => {
  const generation = { messageId: "m", startedAt: now.toISOString() };
  const list = [
    conversation("empty", now, { messageCount: 0 }),
    conversation("first", now, { messageCount: 0, generation }),
  ];
  expect(shape(list)).toEqual(["# today", "first"]);
});

test("a conversation that is on two pages of the list is shown once", () => {
  expect(shape([conversation("a", now), conversation("a", now)])).toEqual(["# today", "a"]);
});
