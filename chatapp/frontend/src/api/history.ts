/** A conversation's messages as the page holds them, and how newer ones are merged in. Pure functions. */
import type { Message, MessagePage, Page } from "./types";

/** The newest part of the branch that is shown, oldest first, without gaps. */
export interface History {
  items: readonly Message[];
  /** Leads to older messages; null where `items` starts with the first one. */
  olderCursor: string | null;
}

/** A part of a branch around a linked message, which need not reach the end. */
export interface Stretch extends History {
  /** Leads to newer messages; null where `items` ends with the branch. */
  newerCursor: string | null;
}

export const EMPTY: History = { items: [], olderCursor: null };

/**
 * Merges the newest page. Where it overlaps with what is there, the older part stays; where it does not (another
 * branch was chosen, or more than a page was missed), only the page is kept.
 */
export function withNewestPage(history: History | undefined, page: Page<Message>): History {
  const first = page.items[0];
  const overlap = first && history ? history.items.findIndex((message) => message.id === first.id) : -1;
  if (!history || overlap < 0) return { items: page.items, olderCursor: page.nextCursor };
  const items = [...history.items.slice(0, overlap), ...page.items.map((message) => reuse(history, message))];
  return { items, olderCursor: overlap === 0 ? page.nextCursor : history.olderCursor };
}

/** Puts a page of older messages in front. */
export function withOlderPage(history: History, page: Page<Message>): History {
  const known = new Set(history.items.map((message) => message.id));
  const older = page.items.filter((message) => !known.has(message.id));
  return { items: [...older, ...history.items], olderCursor: page.nextCursor };
}

/** Adds a page of newer messages. */
export function withNewerPage(stretch: Stretch, page: MessagePage): Stretch {
  const known = new Set(stretch.items.map((message) => message.id));
  const newer = page.items.filter((message) => !known.has(message.id));
  return { ...stretch, items: [...stretch.items, ...newer], newerCursor: page.previousCursor };
}

/** The history with the stretch before it, where the two meet; else the same history. */
export function withStretch(history: History, stretch: Stretch): History {
  const meeting = stretch.items.findIndex((message) => message.id === history.items[0]?.id);
  return meeting <= 0 ? history : { items: [...stretch.items.slice(0, meeting), ...history.items], olderCursor: stretch.olderCursor };
}

/** The branch of a stretch down to one of its messages: what is left of it where that is edited or answered anew. */
export const downTo = (stretch: Stretch, id: string): History => ({
  items: stretch.items.slice(0, stretch.items.findIndex((message) => message.id === id) + 1),
  olderCursor: stretch.olderCursor,
});

/** Puts one message in its place: over itself, else in place of its sibling or after its parent, where it replaces what followed. */
export function withMessage(history: History, message: Message): History {
  if (history.items.some((item) => item.id === message.id)) return { ...history, items: history.items.map((item) => (item.id === message.id ? message : item)) };
  const sibling = history.items.findIndex((item) => item.parentId === message.parentId); // its parent may not be loaded
  const parent = history.items.findIndex((item) => item.id === message.parentId);
  const end = sibling >= 0 ? sibling : parent >= 0 ? parent + 1 : history.olderCursor ? 0 : history.items.length; // its branch leaves further back
  return { ...history, items: [...history.items.slice(0, end), message] };
}

/** Changes fields of one message, if it is on the branch that is shown. */
export function withChanges(history: History, id: string, fields: (shown: Message) => Partial<Message>): History {
  return { ...history, items: history.items.map((item) => (item.id === id ? { ...item, ...fields(item) } : item)) };
}

/** The known object where nothing changed, so that its row is not rendered again. */
function reuse(history: History, message: Message): Message {
  const known = history.items.find((item) => item.id === message.id);
  return known && JSON.stringify(known) === JSON.stringify(message) ? known : message;
}
