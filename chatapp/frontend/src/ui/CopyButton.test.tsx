import { act } from "react";
import { expect, test, vi } from "vitest";
import { CopyButton } from "./CopyButton";
import { emptyPage } from "./page.fixture";

const page = emptyPage();

test("a button that has copied says so for two seconds", async () => {
  const writeText = vi.fn(async () => undefined);
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  await page.show(<CopyButton text="tea" />);
  const button = page.box.querySelector("button")!;
  await act(async () => button.click());
  expect(writeText).toHaveBeenCalledWith("tea");
  expect(button.title).toBe("Copied");
  await page.wait(2000);
  expect(button.title).toBe("Copy");
});
