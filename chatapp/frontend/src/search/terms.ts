/** What is typed into the search field: words, "phrases" and filters, told apart as the server does. Pure functions. */
import type { Hit, SearchOrder } from "../api/types";

/** So many characters are enough to search for, and fit into an address in any script. */
export const MOST_TYPED = 800;

const QUOTES = /[“”„«»]/g;
const TERM = /[a-z]+:(?:"[^"]+"|[^\s"]+)|"[^"]*"|[^\s"]+/gi;
const FILTER = /^(?:(?:tag|project|model):.+|role:(?:user|assistant|system)|(?:before|after):\d{4}(?:-\d\d){0,2}|in:(?:title|trash)|is:starred|has:code)$/i;
const ONE_OF_A_KIND = /^(?:role|before|after):/;

/** Filters may be written in any case; what has a name keeps that as it is. */
const plain = (term: string): string => (FILTER.test(term) ? term.replace(/^(?:tag|project|model):|^.*/i, (part) => part.toLowerCase()) : term);

const terms = (q: string): string[] => (q.replace(QUOTES, '"').match(TERM) ?? []).map(plain);

export const filtersIn = (q: string): string[] => terms(q).filter((term) => FILTER.test(term));

/** The words and phrases to look for. */
export const wordsIn = (q: string): string[] =>
  terms(q).flatMap((term) => (FILTER.test(term) ? [] : [term.replace(/"/g, "")])).filter((word) => word !== "");

/**
 * The query with a filter, or without it where it is there. The filter comes first, because the last word may be the
 * beginning of one.
 */
export function toggled(q: string, filter: string): string {
  const kind = ONE_OF_A_KIND.exec(filter)?.[0];
  const rest = terms(q).filter((term) => term !== filter && !(kind && FILTER.test(term) && term.startsWith(kind)));
  return (filtersIn(q).includes(filter) ? rest : [filter, ...rest]).join(" ");
}

/** The page of what a query finds. */
export const resultsPath = (q: string, sort: SearchOrder = "newest"): string => `/search?${query(q, sort)}`;

/** Where a hit is. The query goes with a message, so that the words are marked there and the next hit is at hand. */
export const hitPath = ({ conversationId, messageId }: Hit, q: string, sort: SearchOrder): string =>
  messageId === null ? `/c/${conversationId}` : `/c/${conversationId}/m/${messageId}?${query(q, sort)}`;

const query = (q: string, sort: SearchOrder): string => new URLSearchParams({ q, ...(sort === "best" && { sort }) }).toString();

export const orderOf = (params: URLSearchParams): SearchOrder => (params.get("sort") === "best" ? "best" : "newest");
