import { useInfiniteQuery } from "@tanstack/react-query";
import { searchQuery } from "../api/queries";
import type { SearchOrder } from "../api/types";
import { useSettled } from "./useSettled";

const PAUSE = 20; // ms without a key, so that a pasted or held key does not ask for each of its letters

/** What is found while `text` is being typed. What was found last stays until there is something new. */
export function useHits(text: string, sort: SearchOrder, fresh = true) {
  const q = useSettled(text.trim() === "" ? "" : text, PAUSE);
  const found = useInfiniteQuery({ ...searchQuery(q, sort), refetchOnMount: fresh });
  const shown = q === "" || found.error ? undefined : found.data;
  return { ...found, q, first: shown?.pages[0], hits: shown?.pages.flatMap((page) => page.items) ?? [] };
}
