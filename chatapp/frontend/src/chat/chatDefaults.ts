import type { Conversation, Models, User } from "../api/types";
import { preferencesOf } from "../auth/preferences";
import { defaultModel } from "./defaultModel";

/** What a chat can be told otherwise than others. Null is the model's or the server's own default. */
export const SETTINGS = ["model", "systemPrompt", "temperature", "topP", "maxTokens"] as const;
export type ChatSettings = Pick<Conversation, (typeof SETTINGS)[number]>;

/** What a new chat of this person starts with. */
export const defaultsOf = (user: User, models: Models | undefined): ChatSettings => ({
  model: defaultModel(user, models),
  systemPrompt: preferencesOf(user).systemPrompt,
  temperature: null,
  topP: null,
  maxTokens: null,
});

/** The settings in which the two differ. The server's default model is the same, whether it is named or not. */
export function differing(chat: ChatSettings, other: ChatSettings, models: Models | undefined): (typeof SETTINGS)[number][] {
  const named = (settings: ChatSettings) => ({ ...settings, model: settings.model ?? models?.default ?? null, systemPrompt: settings.systemPrompt || null });
  const [one, two] = [named(chat), named(other)];
  return SETTINGS.filter((name) => one[name] !== two[name]);
}
