import type { Conversation, Models, Project, User } from "../api/types";
import { preferencesOf } from "../auth/preferences";
import { defaultModel } from "./defaultModel";

/** What a chat can be told otherwise than others. Null is the model's or the server's own default. */
export const SETTINGS = ["model", "systemPrompt", "temperature", "topP", "maxTokens"] as const;
export type ChatSettings = Pick<Conversation, (typeof SETTINGS)[number]>;

/** What a new chat of this person starts with. What its project has is left to that, so that a later change of it counts. */
export const defaultsOf = (user: User, models: Models | undefined, project: Project | undefined): ChatSettings => ({
  model: project?.model ? null : defaultModel(user, models),
  systemPrompt: project?.systemPrompt ? null : preferencesOf(user).systemPrompt,
  temperature: null,
  topP: null,
  maxTokens: null,
});

/** The model that answers where a chat names none. */
export const usualModel = (models: Models | undefined, project: Project | undefined): string | null => project?.model ?? models?.default ?? null;

/** The settings in which the two differ. What the project or the server has is the same, whether it is named or not. */
export function differing(chat: ChatSettings, other: ChatSettings, models: Models | undefined, project: Project | undefined): (typeof SETTINGS)[number][] {
  const named = (settings: ChatSettings) => ({
    ...settings,
    model: settings.model ?? usualModel(models, project),
    systemPrompt: settings.systemPrompt || (project?.systemPrompt ?? null),
  });
  const [one, two] = [named(chat), named(other)];
  return SETTINGS.filter((name) => one[name] !== two[name]);
}
