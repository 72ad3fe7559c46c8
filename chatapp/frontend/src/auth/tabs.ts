/** All tabs share the sign-in, so each hears who is signed in now, and when somebody has signed in again. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { PREFIX, writeText } from "../app/storage";
import { signIn } from "./signIn";

const NAME = "signedIn";

/** Tells the other tabs that this person is signed in. */
export const announce = (userId: string): void => void writeText(NAME, `${userId} ${Date.now()}`);

/** A tab that shows another person than the one who is signed in begins anew: what it did would be done as the other. */
export function useOtherTabs(userId: string): void {
  const queries = useQueryClient();
  useEffect(() => {
    announce(userId);
    const heard = ({ key, newValue }: StorageEvent): void => {
      if (key !== PREFIX + NAME || !newValue) return;
      if (newValue.split(" ")[0] !== userId) return location.reload();
      signIn.began();
      void queries.invalidateQueries({ predicate: (query) => query.state.status === "error" });
    };
    addEventListener("storage", heard);
    return () => removeEventListener("storage", heard);
  }, [userId, queries]);
}
