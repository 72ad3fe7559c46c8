/** All tabs share one cookie, so each tells the others who is signed in, and when somebody has logged in again or out. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { retryFailed } from "../api/cache";
import { config } from "../api/config";
import { keys } from "../api/keys";
import { signIn } from "../api/signIn";
import { PREFIX, readText, writeText } from "../lib/storage";
import { becomeUser } from "./becomeUser";

const NAME = `signedIn${config.basePath}`; // another application may be on the same host
const NOBODY = "-";

/** Tells the other tabs that this person is signed in, or that nobody is (null). */
export const announce = (userId: string | null): void => writeText(NAME, `${userId ?? NOBODY} ${Date.now()}`);

const userOf = (announced: string | null): string | null => announced?.split(" ")[0] || null;

/** Calls `listener` with the user's id (or `NOBODY`) whenever another tab has announced one. */
function useAnnouncements(listener: (userId: string) => void): void {
  useEffect(() => {
    const changed = ({ key, newValue }: StorageEvent): void => {
      const user = key === PREFIX + NAME && userOf(newValue);
      if (user) listener(user);
    };
    // A page that the browser kept while another one was shown has heard nothing meanwhile.
    const returned = ({ persisted }: PageTransitionEvent): void => {
      const user = persisted && userOf(readText(NAME));
      if (user) listener(user);
    };
    addEventListener("storage", changed);
    addEventListener("pageshow", returned);
    return () => {
      removeEventListener("storage", changed);
      removeEventListener("pageshow", returned);
    };
  }, [listener]);
}

/** Blanks a tab of whoever has logged out, and reloads one that shows somebody else than who is signed in. */
export function useOtherTabs(userId: string): void {
  const queries = useQueryClient();
  useEffect(() => announce(userId), [userId]);
  const announced = useCallback(
    (user: string): void => {
      if (user === NOBODY) {
        signIn.end();
        becomeUser(queries, null);
      } else if (user !== userId) {
        location.reload(); // what this tab does would be done as them
      } else {
        signIn.start();
        retryFailed(queries);
      }
    },
    [userId, queries],
  );
  useAnnouncements(announced);
}

/** On a page for strangers: goes on where somebody has logged in in another tab. */
export function useArrival(): void {
  const queries = useQueryClient();
  const announced = useCallback(
    (user: string): void => {
      if (user !== NOBODY) void queries.refetchQueries({ queryKey: keys.me });
    },
    [queries],
  );
  useAnnouncements(announced);
}
