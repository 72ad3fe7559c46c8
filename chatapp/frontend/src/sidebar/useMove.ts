import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { clearSelection } from "./selection";
import { useOrder } from "./useOrder";
import { whatOf } from "./whatOf";

/** Moves conversations into a project; null takes them out of theirs. */
export function useMove() {
  const t = useT();
  const order = useOrder();
  return (items: readonly Conversation[], projectId: string | null, name: string | null): void => {
    const moved = items.filter((item) => (item.projectId ?? null) !== projectId);
    clearSelection();
    if (moved.length === 0) return;
    const what = whatOf(moved, t);
    const said = name === null ? t("order.done.takenOut", { what }) : t("order.done.move", { what, project: name });
    void order([{ items: moved, change: { action: "move", projectId } }], said);
  };
}
