import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useNavigate } from "react-router";
import { showDownTo } from "../api/cache";
import { chooseBranch } from "../api/tree";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";
import { done, doneInSight } from "../ui/undo";

/**
 * Goes from a linked message to the end of the conversation, where what the person has just begun is shown. What begins
 * at a message, because that is edited or answered anew, begins where it is: the page stays there.
 */
export function useLeaveLink(conversationId: string): (messageId?: string) => void {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useCallback(
    (messageId) => {
      if (!location.pathname.includes(`/c/${conversationId}/m/`)) return;
      if (messageId) showDownTo(queries, conversationId, messageId);
      void navigate(`/c/${conversationId}`, { replace: true });
    },
    [queries, navigate, conversationId],
  );
}

/**
 * Shows the branch of a message, which can be undone; where more than that message changes with it, a toast says so.
 * Resolves to whether it is shown; where not, the person has been told why.
 */
export function useChooseBranch(conversationId: string): (messageId: string) => Promise<boolean> {
  const t = useT();
  const queries = useQueryClient();
  const leaveLink = useLeaveLink(conversationId);
  return useCallback(
    async (messageId) => {
      try {
        const before = await chooseBranch(queries, conversationId, messageId);
        leaveLink();
        if (before && before.id !== messageId) {
          const back = (): void => {
            chooseBranch(queries, conversationId, before.id).then(() => leaveLink(), (error: unknown) => toastError(error, t));
          };
          if (before.siblingIds?.includes(messageId)) doneInSight(back);
          else done(t("thread.branchShown"), back, t);
        }
        return true;
      } catch (error) {
        toastError(error, t);
        return false;
      }
    },
    [queries, conversationId, leaveLink, t],
  );
}
