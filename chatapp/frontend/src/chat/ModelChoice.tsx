import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useState, type ReactNode } from "react";
import { api, unwrap } from "../api/client";
import { modelsQuery, putConversation } from "../api/queries";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";
import { defaultModel } from "./defaultModel";
import { useServices } from "./services";

interface Choice {
  ids: readonly string[];
  shown: string | null;
  /** What a new chat shall use; null where nothing was chosen. */
  wanted: string | null;
  choose(id: string): void;
}

/** Which model answers: chosen for a chat that has not begun, changed for one that has. */
export function useModelChoice(conversation: Conversation | undefined): Choice {
  const t = useT();
  const queries = useQueryClient();
  const { user } = useServices();
  const { data } = useQuery(modelsQuery);
  const [wanted, want] = useState<string | null>(null);
  const usual = defaultModel(user, data) ?? data?.default ?? null;
  const choose = (id: string): void => {
    want(id);
    if (!conversation) return;
    unwrap(api.PATCH("/api/conversations/{conversationId}", { params: { path: { conversationId: conversation.id } }, body: { model: id } })).then(
      (saved) => {
        putConversation(queries, saved);
        want((now) => (now === id ? null : now)); // from here on the conversation says it, whoever changes it
      },
      (error: unknown) => {
        want(null);
        toast(errorText(error, t));
      },
    );
  };
  const shown = wanted ?? conversation?.model ?? (conversation ? (data?.default ?? null) : usual);
  const ids = data?.items.map((model) => model.id) ?? [];
  return { ids: shown && !ids.includes(shown) ? [shown, ...ids] : ids, shown, wanted, choose };
}

export function ModelChoice({ choice }: { choice: Choice }): ReactNode {
  const t = useT();
  if (!choice.shown) return <span className="model" />;
  if (choice.ids.length < 2) {
    return (
      <span className="model only" title={t("composer.model")}>
        {choice.shown}
      </span>
    );
  }
  return (
    <span className="model">
      <select aria-label={t("composer.model")} value={choice.shown} onChange={(event) => choice.choose(event.target.value)}>
        {choice.ids.map((id) => (
          <option key={id}>{id}</option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden />
    </span>
  );
}
