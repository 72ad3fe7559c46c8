import type { Conversation } from "../api/types";
import type { Translate } from "../i18n";

/** The conversations in words: the title of one, else how many they are. */
export function whatOf(items: readonly Conversation[], t: Translate): string {
  const [first] = items;
  return items.length === 1 && first ? t("nav.quoted", { title: first.title || t("nav.untitled") }) : t("select.conversations", { count: items.length });
}
