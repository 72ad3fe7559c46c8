import type { TouchEvent } from "react";

const STEP = 1.35; // times as far apart, or as near together, as at the step before

const apart = ([one, two]: readonly Touch[]): number => Math.hypot(one!.clientX - two!.clientX, one!.clientY - two!.clientY);

/** Listens for `touchstart`: two fingers zoom by steps, 1 is closer and -1 farther. */
export function pinch({ nativeEvent: { touches } }: TouchEvent, zoom: (by: 1 | -1) => void): void {
  if (touches.length !== 2) return;
  const ended = new AbortController();
  let before = apart([...touches]);
  const move = ({ touches: now }: globalThis.TouchEvent): void => {
    const ratio = now.length === 2 ? apart([...now]) / before : 1;
    if (ratio < STEP && ratio > 1 / STEP) return;
    before *= ratio;
    zoom(ratio > 1 ? 1 : -1);
  };
  // A finger's events go to where it was put down, also when that is no longer in the document.
  for (const { target } of touches) {
    target.addEventListener("touchmove", (event) => move(event as globalThis.TouchEvent), { signal: ended.signal, passive: true });
    for (const end of ["touchend", "touchcancel"]) target.addEventListener(end, () => ended.abort(), { signal: ended.signal });
  }
}
