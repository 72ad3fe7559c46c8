import { useEffect, useState } from "react";

const CONFIRMATION_TIME = 5000; // ms after which the button asks again

/** Whether the next click deletes. Ends when the button loses the focus, or, in Safari, which gives it none, by a click elsewhere. */
export function useConfirmation(button: { current: HTMLElement | null }) {
  const [confirming, setConfirming] = useState(false);
  useEffect(() => {
    if (!confirming) return;
    const clicked = (event: PointerEvent): void => {
      if (!button.current?.contains(event.target as Node)) setConfirming(false);
    };
    const timer = setTimeout(() => setConfirming(false), CONFIRMATION_TIME);
    addEventListener("pointerdown", clicked, true);
    return () => {
      clearTimeout(timer);
      removeEventListener("pointerdown", clicked, true);
    };
  }, [confirming, button]);
  return [confirming, setConfirming] as const;
}
