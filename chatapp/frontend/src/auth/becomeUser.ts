import type { QueryClient } from "@tanstack/react-query";
import { keys } from "../api/keys";
import type { User } from "../api/types";

/** The page now belongs to `user` (null: to nobody). What it cached for somebody else is dropped. */
export function becomeUser(queries: QueryClient, user: User | null): void {
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
  queries.setQueryData(keys.me, user);
}
