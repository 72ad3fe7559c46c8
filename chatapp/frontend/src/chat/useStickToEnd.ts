import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

const AT_END = 48; // px from the end that still count as the end
const NEAR_END = 144; // px from the end up to which no button leads there
const BY_HAND = 400; // ms after a wheel, key or touch event in which a scroll is the reader's own
const UPWARDS = new Set(["ArrowUp", "PageUp", "Home"]);

const fromEnd = (box: HTMLElement): number => box.scrollHeight - box.clientHeight - box.scrollTop;
/** Safari scrolls past the end, like a rubber band, and back: that is all the end. */
const topOf = (box: HTMLElement): number => Math.min(box.scrollTop, box.scrollHeight - box.clientHeight);

/**
 * Keeps the end visible while text is added, until the reader scrolls up, and again once they return to the end.
 * `ownId` is the reader's own newest message: sending one scrolls to the end.
 */
export function useStickToEnd(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
  rows: number,
  ownId: string | undefined,
) {
  const sticking = useRef(true);
  const lastTop = useRef(0);
  const lastInput = useRef(0);
  const [atEnd, setAtEnd] = useState(true);

  const jump = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    lastTop.current = topOf(box);
  }, [scroller]);

  useEffect(() => {
    const box = scroller.current;
    const inner = content.current;
    if (!box || !inner) return;
    const observer = new ResizeObserver(() => {
      if (sticking.current) jump();
      setAtEnd(sticking.current || fromEnd(box) < NEAR_END); // the answer grows away from the reader, or all has room
    });
    observer.observe(box);
    observer.observe(inner);
    const input = (event: Event): void => {
      lastInput.current = performance.now();
      const upwards = event instanceof WheelEvent ? event.deltaY < 0 : event instanceof KeyboardEvent && UPWARDS.has(event.key);
      if (upwards && box.scrollTop > 0) sticking.current = false; // before anything has moved
    };
    const kinds = ["wheel", "touchmove", "keydown", "pointerdown"] as const;
    for (const kind of kinds) box.addEventListener(kind, input, { passive: true });
    return () => {
      observer.disconnect();
      for (const kind of kinds) box.removeEventListener(kind, input);
    };
  }, [scroller, content, jump]);

  useLayoutEffect(() => {
    if (sticking.current) jump();
  }, [rows > 0, jump]);

  useLayoutEffect(() => {
    if (ownId === undefined) return;
    sticking.current = true;
    jump();
  }, [ownId, jump]);

  const scrolled = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    const distance = fromEnd(box);
    const top = topOf(box);
    const byHand = performance.now() - lastInput.current < BY_HAND || box.matches(":active");
    if (byHand && top < lastTop.current) sticking.current = false; // even one pixel counts
    else if (distance < AT_END && top > lastTop.current) sticking.current = true;
    lastTop.current = top;
    setAtEnd(sticking.current || distance < NEAR_END);
  }, [scroller]);

  const toEnd = useCallback(() => {
    sticking.current = true;
    setAtEnd(true);
    jump();
  }, [jump]);

  const isAtEnd = useCallback(() => sticking.current, []);

  /** The reader goes somewhere else. */
  const leave = useCallback(() => {
    sticking.current = false;
  }, []);

  return { atEnd, isAtEnd, scrolled, toEnd, leave };
}
