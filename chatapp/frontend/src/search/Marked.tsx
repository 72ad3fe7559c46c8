import type { ReactNode } from "react";
import { unmarked } from "../chat/words";

const EDGE = "\0"; // of a place, while Markdown's marks around it are taken away

/** A text without Markdown's marks. The places that were found are marked: `[start, end)` in UTF-16 code units, in order. */
export function Marked({ text, places }: { text: string; places: readonly number[][] }): ReactNode {
  const edges = [0, ...places.flat(), text.length];
  const pieces = edges.slice(1).map((edge, at) => text.slice(edges[at], edge));
  return unmarked(pieces.join(EDGE))
    .split(EDGE)
    .map((piece, at) => (at % 2 ? <mark key={at}>{piece}</mark> : piece));
}
