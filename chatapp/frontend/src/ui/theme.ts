import { useSyncExternalStore } from "react";
import type { Theme } from "../api/types";
import { readText, writeText } from "../lib/storage";

const THEMES: readonly unknown[] = ["system", "light", "dark"] satisfies Theme[];

export const isTheme = (value: unknown): value is Theme => THEMES.includes(value);

function chosenTheme(): Theme {
  const stored = readText("theme");
  return isTheme(stored) ? stored : "system";
}

export const shownTheme = (): "light" | "dark" => (document.documentElement.dataset.theme === "dark" ? "dark" : "light");

/** Applies a theme and remembers it for the next first paint (see boot.js). */
export function applyTheme(theme: Theme): void {
  writeText("theme", theme);
  dispatchEvent(new Event("chatapp:theme"));
}

/** Listens for what boot.js repaints on. Its listeners are older, so the page has its colours by then. */
function subscribe(listener: () => void): () => void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const events = ["chatapp:theme", "storage"];
  for (const event of events) addEventListener(event, listener);
  dark.addEventListener("change", listener);
  return () => {
    for (const event of events) removeEventListener(event, listener);
    dark.removeEventListener("change", listener);
  };
}

export const useChosenTheme = (): Theme => useSyncExternalStore(subscribe, chosenTheme);
export const useShownTheme = (): "light" | "dark" => useSyncExternalStore(subscribe, shownTheme);
