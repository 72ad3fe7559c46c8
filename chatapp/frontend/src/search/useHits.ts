import { useInfiniteQuery } from "@tanstack/react-query";
import { ApiError } from "../api/errors";
import { searchQuery } from "../api/queries";
import type { SearchOrder } from "../api/types";
import { useI18n } from "../i18n";

const PROGRESS = 2000; // ms between looks at an index that is being built

/**
 * What is found while `text` is being typed, and a note where not all of it was searched or these are too many words.
 * What was found last stays until there is something new.
 */
export function useHits(text: string, sort: SearchOrder, fresh = true) {
  const { t, number } = useI18n();
  const q = text.trim() === "" ? "" : text;
  const found = useInfiniteQuery({
    ...searchQuery(q, sort),
    refetchOnMount: fresh || (({ state }) => state.isInvalidated),
    refetchInterval: ({ state }) => (state.data?.pages[0]?.conversations ? PROGRESS : false),
  });
  const shown = q === "" || found.error ? undefined : found.data;
  const first = shown?.pages[0];
  const behind = first?.conversations && t("search.behind", { done: number(first.conversations - first.behind), count: number(first.conversations) });
  const limit = found.error instanceof ApiError && found.error.refusal.faults.find(({ reason }) => reason === "too_many")?.limit;
  const note = q !== "" && limit ? t("search.tooMany", { limit }) : behind || (first?.complete === false ? t("search.partly") : "");
  return { ...found, q, first, note, error: q === "" || limit ? null : found.error, hits: shown?.pages.flatMap((page) => page.items) ?? [] };
}
