import { useQueryClient } from "@tanstack/react-query";
import { useMatch, useNavigate } from "react-router";
import { conversationsQuery, messagesQuery } from "../api/queries";
import { useT } from "../i18n";
import { ordered } from "../sidebar/groups";
import { copyText } from "../ui/clipboard";
import { toast } from "../ui/toast";

/** Shortcuts that start from the shown conversation. They use all that is cached, not only the rows on the screen. */
export function useShownConversation(): { step(by: number): void; copyLastAnswer(): void } {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const shown = useMatch("/c/:conversationId/*")?.params.conversationId ?? "";
  return {
    /** Opens the conversation below it (1) or above it (-1). */
    step(by) {
      const list = ordered(queries.getQueryData(conversationsQuery.queryKey)?.pages.flatMap((page) => page.items) ?? []);
      const at = list.findIndex(({ id }) => id === shown);
      const next = at < 0 ? list[0] : list[at + by];
      if (next) void navigate(`/c/${next.id}`);
    },
    copyLastAnswer() {
      const messages = queries.getQueryData(messagesQuery(shown).queryKey)?.items ?? [];
      const answer = messages.findLast(({ role, status, content }) => role === "assistant" && status !== "streaming" && content);
      if (!answer) return;
      copyText(answer.content).then(
        () => toast(t("app.copied")),
        () => toast(t("app.copyFailed")),
      );
    },
  };
}
