import type { Models, User } from "../api/types";
import { preferencesOf } from "../auth/preferences";

/** The language model that the account's new chats use. One that is no longer offered would be refused. */
export function defaultModel(user: User, models: Models | undefined): string | null {
  const wanted = preferencesOf(user).defaultModel;
  const offered = models?.items ?? [];
  return offered.length === 0 || offered.some(({ id }) => id === wanted) ? wanted : null;
}
