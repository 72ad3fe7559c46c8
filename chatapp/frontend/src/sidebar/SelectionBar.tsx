import { useQueryClient } from "@tanstack/react-query";
import { Archive, FolderInput, Tag, Trash2, X } from "lucide-react";
import type { KeyboardEvent, ReactNode } from "react";
import { listedConversations } from "../api/cache";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { sidebarDialog } from "./dialogs";
import { leaveSelection } from "./selection";
import { useOrder } from "./useOrder";
import { whatOf } from "./whatOf";

/** What can be done with the selected conversations. */
export default function SelectionBar({ ids }: { ids: ReadonlySet<string> }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const order = useOrder();
  const chosen = (): Conversation[] => listedConversations(queries, ids);
  const change = (action: "archive" | "trash"): void => {
    const items = chosen();
    leaveSelection("[aria-checked=false]"); // the others are about to go
    void order([{ items, change: { action } }], t(`order.done.${action}`, { what: whatOf(items, t) }));
  };
  const actions = [
    ["archive", Archive, t("nav.archive"), () => change("archive")],
    ["tags", Tag, t("nav.tags"), () => sidebarDialog.set({ kind: "tags", items: chosen() })],
    ["move", FolderInput, t("nav.move"), () => sidebarDialog.set({ kind: "move", items: chosen() })],
    ["trash", Trash2, t("nav.delete"), () => change("trash")],
  ] as const;
  const press = (event: KeyboardEvent): void => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    leaveSelection();
  };
  return (
    <div className="selection-bar" role="toolbar" aria-label={t("select.label")} onKeyDown={press}>
      <span role="status">{t("select.count", { count: ids.size })}</span>
      <button type="button" className="icon-button" aria-label={t("select.cancel")} title={t("select.cancel")} onClick={() => leaveSelection()}>
        <X size={18} aria-hidden />
      </button>
      {actions.map(([name, Icon, label, run]) => (
        <button key={name} type="button" className="icon-button" data-action={name} aria-label={label} title={label} onClick={run}>
          <Icon size={18} aria-hidden />
        </button>
      ))}
    </div>
  );
}
