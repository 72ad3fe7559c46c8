import { useInfiniteQuery } from "@tanstack/react-query";
import { MessageSquare, Search, TextSearch, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { conversationsQuery } from "../api/queries";
import type { Conversation, Hit } from "../api/types";
import { fold } from "../chat/find";
import { useT, type Key } from "../i18n";
import { ordered } from "../sidebar/groups";
import { Marked } from "./Marked";
import { hitPath, resultsPath } from "./terms";
import { useChatCommands } from "./useChatCommands";
import { useCommands, type ShellActions } from "./useCommands";
import { useHits } from "./useHits";

/** A row of the palette. */
export interface Entry {
  id: string;
  group: Key;
  icon: LucideIcon;
  label: ReactNode;
  /** Where it belongs. */
  note?: string;
  run(): void;
}

const MOST = 5; // conversations and commands each, so that the messages found are in sight

/**
 * What fits the text. What the page knows itself comes first and at once, so that the row which Enter chooses stays where
 * it is when the server's answer arrives.
 */
export function useEntries(text: string, actions: ShellActions) {
  const t = useT();
  const navigate = useNavigate();
  const { hits, q, first, note, error, isPlaceholderData } = useHits(text, "newest");
  const { data } = useInfiniteQuery(conversationsQuery);
  const words = fold(text).split(" ").filter(Boolean);
  const fits = (name: string): boolean => words.every((word) => fold(name).includes(word));
  const to = (path: string) => (): void => void navigate(path);

  const commands = [...useChatCommands().map((command) => ({ ...command, part: t("search.thisChat") })), ...useCommands(actions)].map(({ name, part, icon, run }): Entry => ({ id: `command ${part} ${name}`, group: "search.actions", icon, label: name, note: part, run }));
  const conversation = ({ id, title }: Pick<Conversation, "id" | "title">): Entry => ({ id, group: "nav.conversations", icon: MessageSquare, label: title || t("nav.untitled"), run: to(`/c/${id}`) });
  const listed = ordered(data?.pages.flatMap((page) => page.items) ?? []).filter(({ title }) => fits(title)).slice(0, MOST);
  if (words.length === 0) return { entries: [...listed.map(conversation), ...commands], note: "", error: null };

  const titles = hits.filter((hit) => hit.messageId === null && !listed.some(({ id }) => id === hit.conversationId));
  const message = (hit: Hit): Entry => ({
    id: hit.messageId!,
    group: "search.messages",
    icon: TextSearch,
    label: <Marked text={hit.snippet} places={hit.highlights} />,
    note: hit.title || t("nav.untitled"),
    run: to(hitPath(hit, q, "newest")),
  });
  const all: Entry = { id: "all", group: "search.messages", icon: Search, label: t("search.allOf", { text: text.trim() }), run: to(resultsPath(text.trim())) };
  const entries = [
    ...listed.map(conversation),
    ...commands.filter(({ label, note }) => fits(`${note ?? ""} ${String(label)}`)).slice(0, MOST),
    all,
    ...hits.filter((hit) => hit.messageId !== null).map(message),
    ...titles.map((hit) => conversation({ id: hit.conversationId, title: hit.title })),
  ];
  return { entries, note: note || (entries.length === 1 && first?.total === 0 && !isPlaceholderData ? t("search.none") : ""), error };
}
