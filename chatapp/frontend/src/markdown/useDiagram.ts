import { useState } from "react";
import type { Picture } from "./mermaid";

interface Diagram {
  picture: Picture | null;
  drawing: boolean;
  failed: boolean;
  /** Draws the diagram, or takes it away. */
  toggle(): void;
}

/** A diagram that is drawn on demand: what draws it is large. */
export function useDiagram(code: string): Diagram {
  const [drawn, setDrawn] = useState<{ code: string; picture: Picture | "awaited" | "failed" } | null>(null);
  const picture = drawn?.code === code ? drawn.picture : null;
  const draw = async (): Promise<void> => {
    setDrawn({ code, picture: "awaited" });
    const dark = document.documentElement.dataset.theme === "dark";
    const result = await drawing(code, dark).catch(() => "failed" as const);
    setDrawn((now) => (now?.code === code ? { code, picture: result } : now));
  };
  return {
    picture: typeof picture === "string" ? null : picture,
    drawing: picture === "awaited",
    failed: picture === "failed",
    toggle: () => (picture === null || picture === "failed" ? void draw() : picture !== "awaited" && setDrawn(null)),
  };
}

/** Two steps: what fails in a `then` of the import would count as a part of the page that is gone, and reload it. */
async function drawing(code: string, dark: boolean): Promise<Picture> {
  const mermaid = await import("./mermaid");
  return mermaid.draw(code, dark);
}
