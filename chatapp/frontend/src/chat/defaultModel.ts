import type { Models, User } from "../api/types";

/** The model that the account begins chats with. One that is not offered any more would be refused. */
export function defaultModel(user: User, models: Models | undefined): string | null {
  const wanted = user.settings.defaultModel ?? null;
  const offered = models?.items ?? [];
  return offered.length === 0 || offered.some(({ id }) => id === wanted) ? wanted : null;
}
