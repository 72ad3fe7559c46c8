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

type Stick = ReturnType<typeof useStickToEnd>;

/** The hook for a box as it is now, and what the browser says when the content has another height. */
async function follow(box: HTMLDivElement): Promise<{ stick(): Stick; grown(): void; own(id: string): Promise<void> }> {
  let resized = (): void => undefined;
  vi.stubGlobal("ResizeObserver", class {
    constructor(listener: () => void) {
      resized = listener;
    }
    observe(): void {}
    disconnect(): void {}
  });
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  let stick!: Stick;
  const scroller = { current: box };
  const content = { current: document.createElement("div") };
  const Thread = ({ ownId }: { ownId?: string }): null => {
    stick = useStickToEnd(scroller, content, 2, ownId);
    return null;
  };
  const root = createRoot(document.createElement("div"));
  await act(async () => root.render(<Thread />));
  return { stick: () => stick, grown: () => act(() => resized()), own: (id) => act(async () => root.render(<Thread ownId={id} />)) };
}

test("scrolling past the end like a rubber band, and back, still follows the answer", async () => {
  const content = { height: 1000 };
  const box = boxOf(content);
  const { stick, grown } = await follow(box);
  expect(box.scrollTop).toBe(600);

  const scrollTo = (top: number): void => {
    box.dispatchEvent(new Event("touchmove"));
    Object.assign(box, { pulledTo: top });
    act(() => stick().scrolled());
  };
  for (const top of [640, 660, 630, 600]) scrollTo(top);
  content.height = 1200;
  grown();
  expect(box.scrollTop).toBe(800);

  scrollTo(790); // up, if only by a little
  content.height = 1400;
  grown();
  expect(box.scrollTop).toBe(790);
});

test("an edit that is sent from above, and leaves so little that nothing scrolls, leaves no button that leads to the end", async () => {
  const content = { height: 1000 };
  const { stick, grown, own } = await follow(boxOf(content));
  act(() => stick().leave());
  content.height = 1400;
  grown();
  expect(stick().atEnd).toBe(false);
  await own("edited");
  content.height = 300;
  grown();
  expect(stick().atEnd).toBe(true);
});
