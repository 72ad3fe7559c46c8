/**
 * The browser's `localStorage`. Every name starts with `chatapp:`. What it refuses, because it is full or disabled, goes
 * into IndexedDB, which has far more room. Where that is disabled too, the page remembers it until it is closed.
 */
import { del, entries, set } from "idb-keyval";
import { createStore } from "./store";
import { pause } from "./waiting";

export const PREFIX = "chatapp:";
/** Only what `localStorage` refused: what it accepted may be changed by another tab. */
const overflow = new Map<string, string>();
const onlyHere = new Set<string>();
/** True while something is in this tab's memory and nowhere else. */
export const unstored = createStore(false);

const OPENING = 1000; // ms for IndexedDB to open: there are browsers in which it never does

/** Reads what an earlier page could only store in IndexedDB. Call it before anything is read. */
export async function openStorage(): Promise<void> {
  const read = async (): Promise<void> => {
    for (const [name, text] of await entries<string, string>()) overflow.set(name, text);
  };
  await Promise.race([read().catch(() => undefined), pause(OPENING)]);
}

export function readText(name: string): string | null {
  const refused = overflow.get(name);
  if (refused !== undefined) return refused;
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Stores `text` under `name`; null removes it. */
export function writeText(name: string, text: string | null): void {
  const overflowed = overflow.delete(name);
  try {
    if (text === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, text);
  } catch {
    if (text !== null) overflow.set(name, text);
  }
  if (overflowed || overflow.has(name)) void writeOverflow(name);
}

async function writeOverflow(name: string): Promise<void> {
  const text = overflow.get(name);
  try {
    await (text === undefined ? del(name) : set(name, text));
    onlyHere.delete(name);
  } catch {
    if (overflow.has(name)) onlyHere.add(name);
    else onlyHere.delete(name);
  }
  unstored.set(onlyHere.size > 0);
}

/** The stored names that start with `prefix`. */
export function storedNames(prefix: string): string[] {
  const names = [...overflow.keys()];
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) names.push(key.slice(PREFIX.length));
  } catch {
    // Disabled: there is only what it refused.
  }
  return [...new Set(names)].filter((name) => name.startsWith(prefix));
}

/** What a stored text stands for; null where it is missing or cut off. Anything may have written it: check its shape. */
export function parseJson(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}

export function writeJson(name: string, value: unknown): void {
  writeText(name, value === null ? null : JSON.stringify(value));
}
