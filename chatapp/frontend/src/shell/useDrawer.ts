import { useLayoutEffect, useRef, useSyncExternalStore } from "react";

const PHONE = "(max-width: 760px)";

export const isPhone = (): boolean => matchMedia(PHONE).matches;

function subscribe(listener: () => void): () => void {
  const phone = matchMedia(PHONE);
  phone.addEventListener("change", listener);
  return () => phone.removeEventListener("change", listener);
}

export const useIsPhone = (): boolean => useSyncExternalStore(subscribe, isPhone);

/**
 * The button that opens the sidebar and the one that closes it take each other's place: the keyboard's focus goes
 * from one to the other. Into a drawer it goes always, because what lies under it is out of reach.
 */
export function useSidebarFocus(open: boolean, drawer: boolean): void {
  const before = useRef(open);
  useLayoutEffect(() => {
    if (before.current === open) return;
    before.current = open;
    const lost = !document.activeElement || document.activeElement === document.body;
    if (lost || drawer) document.querySelector<HTMLElement>(open ? ".sidebar-head button" : ".page-tools button")?.focus();
  }, [open, drawer]);
}
