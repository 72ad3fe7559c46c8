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
 * The button that opens the sidebar and the one that closes it replace each other, so the keyboard focus moves from
 * one to the other. It always moves into a drawer, because what is under the drawer cannot be reached.
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
