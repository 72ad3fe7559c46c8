import type { Conversation } from "../api/types";
import type { Translate } from "../i18n";
import { beginning } from "../ui/firstCharacter";

const LONG = 40; // UTF-16 code units of a title that a sentence can hold

/** A title within a sentence: its first words, where it is long. */
export function shortTitle(title: string, t: Translate): string {
  if (title.length <= LONG) return title || t("nav.untitled");
  return `${beginning(title, LONG).replace(/(?<=.{20})\s+\S*$/, "")}…`;
}

/** The conversations in words: the title of one, else how many they are. */
export function whatOf(items: readonly Conversation[], t: Translate): string {
  const [first] = items;
  return items.length === 1 && first ? t("nav.quoted", { title: shortTitle(first.title, t) }) : t("select.conversations", { count: items.length });
}
