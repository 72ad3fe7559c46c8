import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";

const AT_END = 48; // px from the end that still count as the end
const HAND = 400; // ms after a touch of wheel, key or finger in which a scroll is the reader's own

/**
 * Keeps the end in sight while text is added, until the reader scrolls up; coming back to the end
 * takes it up again. `ownId` names the reader's own newest message: sending leads to the end.
 */
export function useStickToEnd(
  scroller: RefObject<HTMLDivElement | null>,
  content: RefObject<HTMLDivElement | null>,
  rows: number,
  ownId: string | undefined,
) {
  const sticking = useRef(true);
  const lastTop = useRef(0);
  const lastHand = useRef(0);
  const [atEnd, setAtEnd] = useState(true);

  const jump = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    box.scrollTop = box.scrollHeight;
    lastTop.current = box.scrollTop;
  }, [scroller]);

  useEffect(() => {
    const box = scroller.current;
    const inner = content.current;
    if (!box || !inner) return;
    const grown = new ResizeObserver(() => sticking.current && jump());
    grown.observe(box);
    grown.observe(inner);
    const hand = (event: Event): void => {
      lastHand.current = performance.now();
      if (event instanceof WheelEvent && event.deltaY < 0) sticking.current = false; // before it has moved anything
    };
    const kinds = ["wheel", "touchmove", "keydown", "pointerdown"] as const;
    for (const kind of kinds) box.addEventListener(kind, hand, { passive: true });
    return () => {
      grown.disconnect();
      for (const kind of kinds) box.removeEventListener(kind, hand);
    };
  }, [scroller, content, jump]);

  useLayoutEffect(() => {
    if (sticking.current) jump();
  }, [rows > 0, jump]); // eslint-disable-line react-hooks/exhaustive-deps

  useLayoutEffect(() => {
    if (ownId === undefined) return;
    sticking.current = true;
    jump();
  }, [ownId, jump]);

  const scrolled = useCallback(() => {
    const box = scroller.current;
    if (!box) return;
    const left = box.scrollHeight - box.clientHeight - box.scrollTop;
    const byHand = performance.now() - lastHand.current < HAND || box.matches(":active");
    if (byHand && box.scrollTop < lastTop.current) sticking.current = false; // the first pixel upwards counts already
    else if (left < AT_END && box.scrollTop > lastTop.current) sticking.current = true;
    lastTop.current = box.scrollTop;
    setAtEnd(sticking.current || left < AT_END * 3);
  }, [scroller]);

  const toEnd = useCallback(() => {
    sticking.current = true;
    setAtEnd(true);
    jump();
  }, [jump]);

  return { atEnd, scrolled, toEnd };
}
