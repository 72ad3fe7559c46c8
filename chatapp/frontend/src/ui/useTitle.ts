import { useEffect } from "react";
import { useT } from "../i18n";
import { useStore } from "../lib/store";
import { unreadCount } from "./tabMark";

/** Sets the page's title in the browser's tab and history, for as long as its component is shown. */
export function useTitle(title: string): void {
  const name = useT()("app.name");
  const unread = useStore(unreadCount);
  useEffect(() => {
    const before = document.title;
    document.title = `${unread ? `(${unread}) ` : ""}${title ? `${title} · ` : ""}${name}`;
    return () => {
      document.title = before;
    };
  }, [title, name, unread]);
}
