import { Fragment, type ReactNode } from "react";

/** A text with the places marked that were found: `[start, end)` in UTF-16 code units, in order. */
export function Marked({ text, places }: { text: string; places: readonly number[][] }): ReactNode {
  return (
    <>
      {places.map(([start = 0, end = 0], at) => (
        <Fragment key={start}>
          {text.slice(places[at - 1]?.[1] ?? 0, start)}
          <mark>{text.slice(start, end)}</mark>
        </Fragment>
      ))}
      {text.slice(places.at(-1)?.[1] ?? 0)}
    </>
  );
}
