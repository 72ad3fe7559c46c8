/** A page for tests of components and hooks. */
import { act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, vi } from "vitest";
import { I18nProvider } from "../i18n";
import { en } from "../i18n/en";

/** An English page, anew for each test of the file. Its clock moves only where the test says so. */
export function emptyPage() {
  let root: Root;
  const page = {
    box: document.createElement("div"),
    show: (element: ReactNode): Promise<void> =>
      act(async () => root.render(<I18nProvider initial={{ language: "en", catalogue: en }}>{element}</I18nProvider>)),
    wait: (ms: number) => act(async () => vi.advanceTimersByTimeAsync(ms)),
  };
  beforeEach(() => {
    vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
    vi.useFakeTimers();
    page.box = document.createElement("div");
    root = createRoot(page.box);
  });
  afterEach(async () => {
    await act(async () => root.unmount());
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  return page;
}
