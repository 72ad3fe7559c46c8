/**
 * The browser's `localStorage`. Every name starts with `chatapp:`. Storage may be full or disabled: then the page
 * keeps working and remembers until it is closed.
 */
import { createStore } from "./store";

export const PREFIX = "chatapp:";
/** Only what storage refused: what it accepted may be changed by another tab. */
const memory = new Map<string, string>();
/** True while storage has refused something that only this tab still has. */
export const unstored = createStore(false);

export function readText(name: string): string | null {
  const refused = memory.get(name);
  if (refused !== undefined) return refused;
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Stores `text` under `name`; null removes it. */
export function writeText(name: string, text: string | null): void {
  memory.delete(name);
  try {
    if (text === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, text);
  } catch {
    if (text !== null) memory.set(name, text);
  } finally {
    unstored.set(memory.size > 0);
  }
}

/** The stored names that start with `prefix`. */
export function storedNames(prefix: string): string[] {
  try {
    const stored = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX + prefix));
    return stored.map((name) => name.slice(PREFIX.length));
  } catch {
    return [];
  }
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
