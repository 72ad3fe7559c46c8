import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";
import { I18nProvider } from "../i18n";
import { en } from "../i18n/en";
import { CopyButton } from "./CopyButton";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("a button that has copied says so for two seconds", async () => {
  vi.useFakeTimers();
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  const writeText = vi.fn(async () => undefined);
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  const box = document.createElement("div");
  const page = createRoot(box);
  await act(async () =>
    page.render(
      <I18nProvider initial={{ language: "en", catalogue: en }}>
        <CopyButton text="tea" />
      </I18nProvider>,
    ),
  );
  const button = box.querySelector("button")!;
  await act(async () => button.click());
  expect(writeText).toHaveBeenCalledWith("tea");
  expect(button.title).toBe("Copied");
  await act(async () => vi.advanceTimersByTime(2000));
  expect(button.title).toBe("Copy");
  await act(async () => page.unmount());
});
