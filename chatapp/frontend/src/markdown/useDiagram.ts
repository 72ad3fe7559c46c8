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
    const picture = await import("./mermaid").then((mermaid) => mermaid.draw(code, dark)).catch(() => null);
    setDrawn({ code, picture });
  };
  return {
    picture: current?.picture ?? null,
    failed: current !== null && current.picture === null,
    toggle: () => (current?.picture ? setDrawn(null) : void draw()),
  };
}
