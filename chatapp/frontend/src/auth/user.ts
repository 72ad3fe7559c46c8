/** Who is signed in, for every part of the signed-in page. */
import { createContext, useContext } from "react";
import type { User } from "../api/types";

export const UserContext = createContext<User | null>(null);

export function useUser(): User {
  const user = useContext(UserContext);
  if (!user) throw new Error("useUser needs a UserContext above it");
  return user;
}
