import { afterEach, expect, test, vi } from "vitest";

const actions = { newChat: vi.fn(), toggleSidebar: vi.fn(), search: vi.fn(), help: vi.fn(), step: vi.fn(), copyLastAnswer: vi.fn() };

/** Whether Alt and an arrow key switch conversations while such a field has the focus. */
async function switches(platform: string, place: string): Promise<boolean> {
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

test("Alt and the arrow keys switch conversations while a text field has the focus", async () => {
  expect(await switches("Linux x86_64", "textarea")).toBe(true);
  expect(await switches("Win32", "input")).toBe(true);
  expect(await switches("MacIntel", "div")).toBe(true);
});

test("they are left to a select, which they open, and on a Mac to a text field, where they move the cursor", async () => {
  expect(await switches("Win32", "select")).toBe(false);
  expect(await switches("MacIntel", "select")).toBe(false);
  expect(await switches("MacIntel", "textarea")).toBe(false);
});

test("Ctrl+Z takes back the last step, but is the field's own where something is typed", async () => {
  vi.stubGlobal("navigator", { platform: "Linux x86_64" });
  vi.resetModules();
  const { actionFor } = await import("./useShortcuts");
  const { done, forgetSteps } = await import("../ui/undo");
  const { dismiss, toasts } = await import("../ui/toast");
  const field = document.createElement("textarea");
  const pressedIn = (place: HTMLElement): boolean => {
    let run: unknown = null;
    place.addEventListener("keydown", (event) => (run = actionFor(event, actions)), { once: true });
    place.dispatchEvent(new KeyboardEvent("keydown", { key: "z", ctrlKey: true }));
    return run !== null;
  };
  expect(pressedIn(document.createElement("main"))).toBe(false);
  done("Renamed", () => undefined, (key) => key);
  field.value = "typed";
  expect([pressedIn(document.createElement("main")), pressedIn(field)]).toEqual([true, false]);
  field.value = "";
  expect(pressedIn(field)).toBe(true);
  dismiss(toasts.get()[0]!.id);
  expect(pressedIn(field)).toBe(false);
  forgetSteps();
});
