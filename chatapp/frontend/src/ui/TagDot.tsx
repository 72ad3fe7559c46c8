import type { ReactNode } from "react";

/** The colours that a tag can have, under the names that are stored. */
export const TAG_COLORS = ["gray", "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink"] as const;

/** A tag's colour. Its name is said beside it. */
export function TagDot({ color }: { color: string | null | undefined }): ReactNode {
  return <span className="tag-dot" data-color={color ?? "gray"} aria-hidden="true" />;
}
