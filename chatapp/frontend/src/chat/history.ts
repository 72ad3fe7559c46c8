/** A conversation's messages as the page holds them, and how news is laid into them. Pure functions. */
import type { Message, Page } from "../api/types";

/** The newest part of the branch that is shown, oldest first, without gaps. */
export interface History {
  items: readonly Message[];
  /** Leads to older messages; null where `items` begins with the first one. */
  olderCursor: string | null;
}

export const EMPTY: History = { items: [], olderCursor: null };

/**
 * Lays the newest page over what is there. Where they meet, the older part stays; where they don't
 * (another branch was chosen, or more than a page was missed), only the page is kept.
 */
export function withNewestPage(history: History | undefined, page: Page<Message>): History {
  const first = page.items[0];
  const meet = first && history ? history.items.findIndex((message) => message.id === first.id) : -1;
  if (!history || meet < 0) return { items: page.items, olderCursor: page.nextCursor };
  const items = [...history.items.slice(0, meet), ...page.items.map((message) => keepSame(history, message))];
  return { items, olderCursor: meet === 0 ? page.nextCursor : history.olderCursor };
}

/** Puts a page of older messages in front. */
export function withOlderPage(history: History, page: Page<Message>): History {
  const known = new Set(history.items.map((message) => message.id));
  const older = page.items.filter((message) => !known.has(message.id));
  return { items: [...older, ...history.items], olderCursor: page.nextCursor };
}

/** Puts one message where it belongs: in its own place, else after its parent, replacing what followed there. */
export function withMessage(history: History, message: Message): History {
  const at = history.items.findIndex((item) => item.id === message.id);
  if (at >= 0) return { ...history, items: history.items.with(at, message) };
  const parent = history.items.findIndex((item) => item.id === message.parentId);
  const before = parent >= 0 ? history.items.slice(0, parent + 1) : history.items;
  return { ...history, items: [...before, message] };
}

/** The object that is there already where nothing has changed, so that its row need not be drawn again. */
function keepSame(history: History, message: Message): Message {
  const known = history.items.find((item) => item.id === message.id);
  return known && JSON.stringify(known) === JSON.stringify(message) ? known : message;
}
