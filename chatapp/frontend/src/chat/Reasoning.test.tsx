import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { I18nProvider } from "../i18n";
import { en } from "../i18n/en";
import { Reasoning } from "./Reasoning";

let page: Root;
let box: HTMLElement;

const show = (times: { since?: number; ms?: number }): Promise<void> =>
  act(async () =>
    page.render(
      <I18nProvider initial={{ language: "en", catalogue: en }}>
        <Reasoning id="a" text="They greet me." {...times} />
      </I18nProvider>,
    ),
  );

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  box = document.createElement("div");
  page = createRoot(box);
});
afterEach(async () => {
  await act(async () => page.unmount());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("the seconds are counted while the model thinks, and then it says how long it took", async () => {
  await show({ since: Date.now() });
  expect(box.textContent).toBe("Thinking …");
  await act(async () => vi.advanceTimersByTime(12_000));
  expect(box.textContent).toBe("Thinking … 12 s");
  await show({ ms: 12_400 });
  expect(box.textContent).toBe("Thought for 12 s");
});
