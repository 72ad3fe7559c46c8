import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import { useState, type ReactNode } from "react";
import { saveConversation } from "../api/conversations";
import { modelsQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { useProject } from "../api/useProject";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";
import { defaultsOf, usualModel } from "./chatDefaults";

interface Choice {
  ids: readonly string[];
  shown: string | null;
  /** What the person chose for a new chat; null where they chose nothing. */
  chosen: string | null;
  choose(id: string): void;
}

/** The language model that answers: chosen for a new chat in a project or in none, changed for an existing conversation. */
export function useModelChoice(conversation: Conversation | undefined, projectId: string | undefined): Choice {
  const t = useT();
  const queries = useQueryClient();
  const user = useUser();
  const { data } = useQuery(modelsQuery);
  const [chosen, setChosen] = useState<string | null>(null);
  const project = useProject(conversation ? conversation.projectId : projectId);
  const choose = (id: string): void => {
    setChosen(id);
    if (!conversation) return;
    saveConversation(queries, conversation.id, { model: id }).then(
      () => setChosen((now) => (now === id ? null : now)), // from here on the conversation holds it, whoever changes it
      (error: unknown) => {
        setChosen(null);
        toastError(error, t);
      },
    );
  };
  const { model } = conversation ?? defaultsOf(user, data, project);
  const shown = chosen ?? model ?? usualModel(data, project);
  const ids = data?.items.map((model) => model.id) ?? [];
  return { ids: shown && !ids.includes(shown) ? [shown, ...ids] : ids, shown, chosen, choose };
}

export function ModelChoice({ choice }: { choice: Choice }): ReactNode {
  const t = useT();
  if (!choice.shown) return <span className="model" />;
  if (choice.ids.length < 2) {
    return (
      <span className="model single" title={t("composer.model")}>
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
