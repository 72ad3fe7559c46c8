import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from "react";
import { useLocation, useNavigate, useNavigationType } from "react-router";
import { readText, writeText } from "../lib/storage";

const PHONE = "(max-width: 760px), (max-width: 960px) and (max-height: 500px)"; // --phone in tokens.css

function subscribe(listener: () => void): () => void {
  const phone = matchMedia(PHONE);
  phone.addEventListener("change", listener);
  return () => phone.removeEventListener("change", listener);
}

const useIsPhone = (): boolean => useSyncExternalStore(subscribe, () => matchMedia(PHONE).matches);

interface SidebarState {
  open: boolean;
  /** It is open and covers the page, as on a phone. */
  drawer: boolean;
  show(shown: boolean): void;
}

/**
 * Whether the sidebar is open. On a wide screen the choice is remembered. A drawer is an entry of the history instead,
 * so that Back closes it, and so does opening a page.
 */
export function useSidebar(): SidebarState {
  const phone = useIsPhone();
  const here = useLocation();
  const navigate = useNavigate();
  const navigation = useNavigationType();
  const [wide, setWide] = useState(() => readText("sidebar") !== "closed");
  const entry = (here.state as { drawer?: true } | null)?.drawer === true;
  const drawer = phone && entry && navigation === "PUSH";
  const open = phone ? drawer : wide;
  const leaving = useRef(false); // else a second click on the way back would leave the page
  useEffect(() => void (leaving.current = false), [here.key]);

  const show = (shown: boolean): void => {
    if (!phone) {
      setWide(shown);
      writeText("sidebar", shown ? null : "closed");
    } else if (shown && !drawer) {
      void navigate(here, { state: { drawer: true } });
    } else if (!shown && drawer && !leaving.current) {
      leaving.current = true;
      void navigate(-1);
    }
  };
  const latest = useRef(show);
  useEffect(() => void (latest.current = show));

  const before = useRef(phone);
  useEffect(() => {
    if (before.current === phone) return;
    before.current = phone;
    if (phone && wide) latest.current(true); // what was beside the page now covers it
  }, [phone, wide]);
  useEffect(() => {
    if (entry && !drawer) void navigate(-1); // the way back leads over it, or the window has become wide
  }, [entry, drawer, navigate]);
  useEffect(() => {
    if (!drawer) return;
    const escape = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.defaultPrevented) latest.current(false);
    };
    addEventListener("keydown", escape);
    return () => removeEventListener("keydown", escape);
  }, [drawer]);
  return { open, drawer, show };
}

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
