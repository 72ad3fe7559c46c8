/** How the sidebar orders and groups conversations. Pure functions. */
import type { Conversation } from "../api/types";

export type Group = { kind: "pinned" | "today" | "yesterday" | "week" | "month" } | { kind: "calendar"; month: string };
export type Row = { type: "heading"; key: string; group: Group } | { type: "conversation"; conversation: Conversation };

/** Pinned first, then by newest activity. Conversations without messages are left out. */
export function ordered(conversations: readonly Conversation[]): Conversation[] {
  const byId = new Map(conversations.map((conversation) => [conversation.id, conversation]));
  return [...byId.values()]
    .filter((conversation) => conversation.messageCount > 0 || conversation.generation !== null)
    .sort((a, b) => Number(b.pinned) - Number(a.pinned) || compare(b.updatedAt, a.updatedAt) || compare(b.id, a.id));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Conversations under the day of their last activity, in the reader's time zone. */
export function rows(conversations: readonly Conversation[], now: Date): Row[] {
  const result: Row[] = [];
  let last = "";
  for (const conversation of ordered(conversations)) {
    const group: Group = conversation.pinned ? { kind: "pinned" } : groupOf(new Date(conversation.updatedAt), now);
    const key = group.kind === "calendar" ? group.month : group.kind;
    if (key !== last) result.push({ type: "heading", key, group });
    last = key;
    result.push({ type: "conversation", conversation });
  }
  return result;
}

function groupOf(date: Date, now: Date): Group {
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (days <= 0) return { kind: "today" };
  if (days === 1) return { kind: "yesterday" };
  if (days <= 7) return { kind: "week" };
  if (days <= 30) return { kind: "month" };
  return { kind: "calendar", month: new Date(date.getFullYear(), date.getMonth(), 1).toISOString() };
}

const midnight = (date: Date): number => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
