import { useQueryClient } from "@tanstack/react-query";
import { useMatch, useNavigate } from "react-router";
import { changeMany, inverse, type Change } from "../api/order";
import { useT } from "../i18n";
import { toast } from "../ui/toast";
import { toastError } from "../ui/toastError";
import { done } from "../ui/undo";

/** Changes conversations in the words of a toast, which can undo it. Resolves when all is done, also where it failed. */
export function useOrder() {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const shown = useMatch("/c/:conversationId/*")?.params.conversationId;

  const run = async (changes: readonly Change[]): Promise<boolean> => {
    try {
      let failed = 0;
      for (const change of changes) if (change.items.length > 0) failed += await changeMany(queries, change);
      if (failed > 0) toast(t("order.failed", { count: failed }));
      return failed === 0;
    } catch (error) {
      toastError(error, t);
      return false;
    }
  };
  return async (changes: readonly Change[], said: string): Promise<void> => {
    if (!(await run(changes))) return;
    const trashed = changes.some(({ items, change }) => change.action === "trash" && items.some(({ id }) => id === shown));
    if (trashed) void navigate("/");
    const undo = (): void => {
      void run(changes.flatMap(inverse)).then((undone) => undone && trashed && navigate(`/c/${shown}`));
    };
    done(said, undo, t);
  };
}
