/** All tabs share one cookie, so each tells the others who is signed in, and when somebody has logged in again. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { retryFailed } from "../api/cache";
import { signIn } from "../api/signIn";
import { PREFIX, writeText } from "../lib/storage";

const NAME = "signedIn";

/** Tells the other tabs that this person is signed in. */
export const announce = (userId: string): void => writeText(NAME, `${userId} ${Date.now()}`);

/** Reloads a tab that shows somebody else than who is signed in: what it does would be done as them. */
export function useOtherTabs(userId: string): void {
  const queries = useQueryClient();
  useEffect(() => {
    announce(userId);
    const changed = ({ key, newValue }: StorageEvent): void => {
      if (key !== PREFIX + NAME || !newValue) return;
      if (newValue.split(" ")[0] !== userId) return location.reload();
      signIn.start();
      retryFailed(queries);
    };
    addEventListener("storage", changed);
    return () => removeEventListener("storage", changed);
  }, [userId, queries]);
}
