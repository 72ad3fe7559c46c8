import type { QueryClient } from "@tanstack/react-query";
import { keys } from "../api/queries";
import type { User } from "../api/types";

/** The page is now this person's (null: nobody's): what it knew of another is forgotten. */
export function becomeUser(queries: QueryClient, user: User | null): void {
  queries.removeQueries({ predicate: (query) => query.queryKey[0] !== keys.me[0] });
  queries.setQueryData(keys.me, user);
}
