import { useEffect } from "react";
import { useT } from "../i18n";

/** Sets the page's title in the browser's tab and history, for as long as its component is shown. */
export function useTitle(title: string): void {
  const name = useT()("app.name");
  useEffect(() => {
    const before = document.title;
    document.title = title ? `${title} · ${name}` : name;
    return () => {
      document.title = before;
    };
  }, [title, name]);
}
