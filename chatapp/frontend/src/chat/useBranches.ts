import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { chooseBranch } from "../api/tree";
import { useT } from "../i18n";
import { toast } from "../ui/toast";
import { toastError } from "../ui/toastError";

/**
 * Shows the branch of a message. Where more than that message changes with it, this can be undone. Resolves to whether
 * it is shown; where not, the person has been told why.
 */
export function useChooseBranch(conversationId: string): (messageId: string) => Promise<boolean> {
  const t = useT();
  const queries = useQueryClient();
  return useCallback(
    async (messageId) => {
      try {
        const before = await chooseBranch(queries, conversationId, messageId);
        if (before && before.id !== messageId && !before.siblingIds?.includes(messageId)) {
          const back = (): void => {
            chooseBranch(queries, conversationId, before.id).catch((error: unknown) => toastError(error, t));
          };
          toast(t("thread.branchShown"), { action: { label: t("app.undo"), run: back } });
        }
        return true;
      } catch (error) {
        toastError(error, t);
        return false;
      }
    },
    [queries, conversationId, t],
  );
}
