import { useRef, type MouseEvent, type PointerEvent } from "react";

const LONG = 450; // ms: before the browser's own menu for a link comes

/** Runs something when a finger stays on an element. What the browser makes of the same touch is left out. */
export function useLongPress(run: () => void) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const held = useRef(false);
  const cancel = (): void => clearTimeout(timer.current);
  return {
    /** Whether the click that comes now only ends a long press. */
    wasHeld: (): boolean => held.current,
    handlers: {
      onPointerDown: ({ pointerType }: PointerEvent): void => {
        held.current = false;
        cancel();
        if (pointerType !== "touch") return;
        timer.current = setTimeout(() => {
          held.current = true;
          run();
        }, LONG);
      },
      onPointerUp: cancel,
      onPointerCancel: cancel, // the list is being scrolled
      onContextMenu: (event: MouseEvent): void => {
        if (held.current || (event.nativeEvent as globalThis.PointerEvent).pointerType === "touch") event.preventDefault();
      },
    },
  };
}
