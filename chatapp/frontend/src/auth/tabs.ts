/** All tabs share one cookie, so each tells the others who is signed in, and when somebody has logged in again or out. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { retryFailed } from "../api/cache";
import { startAnew } from "../api/client";
import { config } from "../api/config";
import { ApiError } from "../api/errors";
import { keys } from "../api/keys";
import { meQuery } from "../api/queries";
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

/** A page that the browser kept while another one was shown is hidden until the server says that it is still this person's. */
function useReturn(): void {
  const queries = useQueryClient();
  useEffect(() => {
    const left = ({ persisted }: PageTransitionEvent): void => {
      document.body.hidden = persisted;
    };
    const returned = async ({ persisted }: PageTransitionEvent): Promise<void> => {
      if (!persisted) return;
      const known = await queries.fetchQuery({ ...meQuery, staleTime: 0, retry: false }).then(() => true, isSignedOut);
      if (known) document.body.hidden = false;
      else void startAnew(); // as far as the server can be reached
    };
    addEventListener("pagehide", left);
    addEventListener("pageshow", returned);
    return () => {
      removeEventListener("pagehide", left);
      removeEventListener("pageshow", returned);
    };
  }, [queries]);
}

/** Then the page asks for the password, over a veil. */
const isSignedOut = (error: unknown): boolean => error instanceof ApiError && error.status === 401;

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
        void startAnew();
      } else {
        signIn.start();
        retryFailed(queries);
      }
    },
    [userId, queries],
  );
  useAnnouncements(announced);
  useReturn();
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
