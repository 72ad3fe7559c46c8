import { useEffect } from "react";
import { useT } from "../i18n";

/** Sets the page's title in the browser's tab and history. */
export function useTitle(title: string): void {
  const name = useT()("app.name");
  useEffect(() => {
    document.title = title ? `${title} · ${name}` : name;
  }, [title, name]);
}
