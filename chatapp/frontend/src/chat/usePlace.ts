import { useLayoutEffect, useRef, type RefObject } from "react";
import { keepPlace, placeIn, type Place } from "./places";

export const NEAR = 90; // px that stay above a message that is scrolled to

/** Brings the reader, with `go`, to the linked message, else back to where they left the conversation, else to where they `stoppedAt` reading on any device, once that is loaded. */
export function usePlace(
  conversationId: string,
  rows: readonly { id: string }[],
  scroller: RefObject<HTMLElement | null>,
  isAtEnd: () => boolean,
  go: (row: number, above: number) => void,
  linkedId: string | undefined,
  stoppedAt: string | null | undefined,
): void {
  const wanted = useRef(placeIn(conversationId));
  const opened = useRef(false);
  useLayoutEffect(() => {
    if (linkedId) wanted.current = { id: linkedId, above: -NEAR };
    else if (!opened.current && stoppedAt) wanted.current ??= { id: stoppedAt, above: -NEAR };
    opened.current ||= stoppedAt !== undefined; // it is read from now on
  }, [linkedId, stoppedAt]);
  useLayoutEffect(() => {
    const row = rows.findIndex(({ id }) => id === wanted.current?.id);
    if (row < 0 || !wanted.current) return;
    go(row, wanted.current.above);
    wanted.current = undefined;
  }, [rows, linkedId, stoppedAt, go]);
  useLayoutEffect(() => {
    const box = scroller.current;
    const keep = (): void => {
      const first = box && firstIn(box);
      if (first) keepPlace(conversationId, isAtEnd() ? undefined : first); // else nothing has been shown yet
    };
    addEventListener("pagehide", keep);
    return () => {
      removeEventListener("pagehide", keep);
      keep();
    };
  }, [conversationId, scroller, isAtEnd]);
}

function firstIn(box: HTMLElement): Place | undefined {
  const { top } = box.getBoundingClientRect();
  const first = [...box.querySelectorAll<HTMLElement>("[data-message-id]")].find((row) => row.getBoundingClientRect().bottom > top);
  return first && { id: first.dataset.messageId!, above: top - first.getBoundingClientRect().top };
}
