import { afterEach, expect, test, vi } from "vitest";

const actions = { newChat: vi.fn(), toggleSidebar: vi.fn(), showSidebar: vi.fn(), help: vi.fn(), step: vi.fn(), copyLastAnswer: vi.fn() };

/** Whether Alt and an arrow key leave the conversation from a field of this kind. */
async function walks(platform: string, place: string): Promise<boolean> {
  vi.stubGlobal("navigator", { platform });
  vi.resetModules();
  const { actionFor } = await import("./useShortcuts");
  const field = document.createElement(place);
  const found: unknown[] = [];
  for (const key of ["ArrowUp", "ArrowDown"]) {
    field.addEventListener("keydown", (event) => found.push(actionFor(event, actions)), { once: true });
    field.dispatchEvent(new KeyboardEvent("keydown", { key, altKey: true }));
  }
  return found.length === 2 && found.every((run) => run !== null);
}

afterEach(() => vi.unstubAllGlobals());

test("Alt and the arrow keys walk through conversations also from where one writes", async () => {
  expect(await walks("Linux x86_64", "textarea")).toBe(true);
  expect(await walks("Win32", "input")).toBe(true);
  expect(await walks("MacIntel", "div")).toBe(true);
});

test("they are left to a choice, which they open, and on a Mac to a text, in which they walk", async () => {
  expect(await walks("Win32", "select")).toBe(false);
  expect(await walks("MacIntel", "select")).toBe(false);
  expect(await walks("MacIntel", "textarea")).toBe(false);
});
