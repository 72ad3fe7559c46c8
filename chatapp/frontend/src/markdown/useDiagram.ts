import { useState } from "react";
import type { Picture } from "./mermaid";

interface Diagram {
  picture: Picture | null;
  failed: boolean;
  /** Draws the diagram, or takes it away. */
  toggle(): void;
}

/** A diagram that is drawn on demand: what draws it is large. */
export function useDiagram(code: string): Diagram {
  const [drawn, setDrawn] = useState<{ code: string; picture: Picture | null } | null>(null);
  const current = drawn?.code === code ? drawn : null;
  const draw = async (): Promise<void> => {
    const dark = document.documentElement.dataset.theme === "dark";
    setDrawn({ code, picture: await drawing(code, dark).catch(() => null) });
  };
  return {
    picture: current?.picture ?? null,
    failed: current !== null && current.picture === null,
    toggle: () => (current?.picture ? setDrawn(null) : void draw()),
  };
}

/** Two steps: what fails in a `then` of the import would count as a part of the page that is gone, and reload it. */
async function drawing(code: string, dark: boolean): Promise<Picture> {
  const mermaid = await import("./mermaid");
  return mermaid.draw(code, dark);
}
