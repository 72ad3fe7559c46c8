/**
 * What the browser keeps for the page. Every name begins with `chatapp:`. Storage may be full or
 * switched off: then the page works on, and remembers until it is closed.
 */
import { createStore } from "./store";

export const PREFIX = "chatapp:";
/** Only what storage has refused: what it took may be changed by another tab. */
const memory = new Map<string, string>();
/** Storage has refused something that only this tab knows now. */
export const onlyHere = createStore(false);

export function readText(name: string): string | null {
  const refused = memory.get(name);
  if (refused !== undefined) return refused;
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keeps `text` under `name`; null forgets it. Returns whether it will outlive the page. */
export function writeText(name: string, text: string | null): boolean {
  memory.delete(name);
  try {
    if (text === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, text);
    return true;
  } catch {
    if (text !== null) memory.set(name, text);
    return false;
  } finally {
    onlyHere.set(memory.size > 0);
  }
}

/** The names that begin with `beginning`. */
export function namesOf(beginning: string): string[] {
  try {
    const stored = Object.keys(localStorage).filter((name) => name.startsWith(PREFIX + beginning));
    return stored.map((name) => name.slice(PREFIX.length));
  } catch {
    return [];
  }
}

export function readJson<Value>(name: string): Value | null {
  const text = readText(name);
  if (text === null) return null;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return null; // written by something else, or cut off: as if it were not there
  }
}

export function writeJson(name: string, value: unknown): boolean {
  return writeText(name, value === null ? null : JSON.stringify(value));
}
