import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";
import { useStickToEnd } from "./useStickToEnd";

const HEIGHT = 400;

/** A box of `HEIGHT` px whose content is `content.height` px high. Safari reports positions past the end. */
function boxOf(content: { height: number }): HTMLDivElement {
  const box = document.createElement("div");
  let top = 0;
  Object.defineProperties(box, {
    clientHeight: { get: () => HEIGHT },
    scrollHeight: { get: () => content.height },
    scrollTop: { get: () => top, set: (wanted: number) => (top = Math.min(wanted, content.height - HEIGHT)) },
    pulledTo: { set: (wanted: number) => (top = wanted) },
  });
  return box;
}

afterEach(() => vi.unstubAllGlobals());

test("scrolling past the end like a rubber band, and back, still follows the answer", async () => {
  let grown = (): void => undefined;
  vi.stubGlobal("ResizeObserver", class {
    constructor(listener: () => void) {
      grown = listener;
    }
    observe(): void {}
    disconnect(): void {}
  });
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  const content = { height: 1000 };
  const box = boxOf(content);
  let stick!: ReturnType<typeof useStickToEnd>;
  const Thread = (): null => {
    stick = useStickToEnd({ current: box }, { current: document.createElement("div") }, 2, undefined);
    return null;
  };
  await act(async () => createRoot(document.createElement("div")).render(<Thread />));
  expect(box.scrollTop).toBe(600);

  const scrollTo = (top: number): void => {
    box.dispatchEvent(new Event("touchmove"));
    Object.assign(box, { pulledTo: top });
    act(() => stick.scrolled());
  };
  for (const top of [640, 660, 630, 600]) scrollTo(top);
  content.height = 1200;
  act(() => grown());
  expect(box.scrollTop).toBe(800);

  scrollTo(790); // up, if only by a little
  content.height = 1400;
  act(() => grown());
  expect(box.scrollTop).toBe(790);
});
