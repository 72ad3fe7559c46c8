import { useQuery } from "@tanstack/react-query";
import { Archive, FileDown, FolderInput, Network, Pencil, Pin, PinOff, Printer, Search, SlidersHorizontal, Tag, TextSelect, Trash2 } from "lucide-react";
import { useMatch } from "react-router";
import { conversationQuery } from "../api/queries";
import { openTool, type Tool } from "../chat/tool";
import { useT } from "../i18n";
import { sidebarDialog } from "../sidebar/dialogs";
import { useConversationActions } from "../sidebar/useConversationActions";
import { useOrder } from "../sidebar/useOrder";
import { whatOf } from "../sidebar/whatOf";
import type { Command } from "./useCommands";

/** What can be done with the conversation that is shown. */
export function useChatCommands(): Command[] {
  const t = useT();
  const { togglePin, remove } = useConversationActions();
  const order = useOrder();
  const id = useMatch("/c/:conversationId/*")?.params.conversationId ?? "";
  const { data: conversation } = useQuery({ ...conversationQuery(id), enabled: false });
  if (!conversation) return [];

  const items = [conversation];
  const { pinned, archived, trashedAt } = conversation;
  const open = (tool: Tool) => (): void => openTool.set(tool);
  const all: Command[] = [
    { name: t("find.label"), icon: Search, run: open("find") },
    { name: t("map.title"), icon: Network, run: open("map") },
    { name: t("whole.select"), icon: TextSelect, run: open("select") },
    { name: t("whole.print"), icon: Printer, run: open("print") },
    { name: t("whole.save"), icon: FileDown, run: open("save") },
  ];
  if (trashedAt) return all;
  const archive = (): void => void order([{ items, change: { action: "archive" } }], t("order.done.archive", { what: whatOf(items, t) }));
  return [
    ...all,
    { name: t("chat.settings"), icon: SlidersHorizontal, run: open("settings") },
    { name: t("nav.rename"), icon: Pencil, run: open("settings") },
    { name: t(pinned ? "nav.unpin" : "nav.pin"), icon: pinned ? PinOff : Pin, run: () => togglePin(conversation) },
    { name: t("nav.move"), icon: FolderInput, run: () => sidebarDialog.set({ kind: "move", items }) },
    { name: t("nav.tags"), icon: Tag, run: () => sidebarDialog.set({ kind: "tags", items }) },
    ...(archived ? [] : [{ name: t("nav.archive"), icon: Archive, run: archive }]),
    { name: t("nav.delete"), icon: Trash2, run: () => remove(conversation) },
  ];
}
