import { useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from "react";
import { projectsQuery } from "../api/order";
import { modelsQuery } from "../api/queries";
import type { User } from "../api/types";
import { preferencesOf } from "../auth/preferences";
import { useOtherTabs } from "../auth/tabs";
import { UserContext } from "../auth/user";
import { defaultsOf } from "../chat/chatDefaults";
import { Turns, TurnsContext } from "../chat/turns";
import { useI18n } from "../i18n";
import { Shell } from "../shell/Shell";
import { forgetPlace } from "../sidebar/forgetPlace";
import { Part } from "../ui/Part";
import { applyTheme } from "../ui/theme";
import { forgetSteps } from "../ui/undo";
import { useChanges } from "./useChanges";
import { useUnread } from "./useUnread";

// Dialogs are large: they come once the page is painted.
const LogInAgain = lazy(() => import("../auth/LogInAgain"));

/** The page of one person. Another person gets a new one. */
export default function SignedIn({ user, children }: { user: User; children: ReactNode }): ReactNode {
  return (
    <PersonalPage key={user.id} user={user}>
      {children}
    </PersonalPage>
  );
}

function PersonalPage({ user, children }: { user: User; children: ReactNode }): ReactNode {
  const turns = useOwnTurns(user);
  useChanges(user.id, turns);
  useOtherTabs(user.id);
  useOwnSettings(user);
  useUnread();
  if (!turns) return null;
  return (
    <UserContext value={user}>
      <TurnsContext value={turns}>
        <Shell>{children}</Shell>
        <Suspense fallback={null}>
          <Part>
            <LogInAgain />
          </Part>
        </Suspense>
      </TurnsContext>
    </UserContext>
  );
}

/** The person's turns, which end with this page. */
function useOwnTurns(user: User): Turns | null {
  const queries = useQueryClient();
  const latest = useRef(user);
  const [turns, setTurns] = useState<Turns | null>(null);
  useEffect(() => {
    latest.current = user;
  }, [user]);
  useLayoutEffect(() => {
    const started = new Turns(user.id, queries, async (projectId) => {
      const projects = projectId ? await queries.ensureQueryData(projectsQuery) : [];
      const project = projects.find(({ id }) => id === projectId);
      return defaultsOf(latest.current, queries.getQueryData(modelsQuery.queryKey), project);
    });
    started.delivery.takeOver();
    setTurns(started);
    return () => {
      started.end();
      forgetSteps();
      forgetPlace();
    };
  }, [user.id, queries]);
  return turns;
}

/** The account's theme and language apply on every device. */
function useOwnSettings(user: User): void {
  const { language, setLanguage } = useI18n();
  const { theme, language: wanted } = preferencesOf(user);
  useEffect(() => {
    if (theme) applyTheme(theme);
  }, [theme]);
  useEffect(() => {
    if (wanted && wanted !== language) setLanguage(wanted);
  }, [wanted, setLanguage]); // not on `language`: changing it on this page must not bring the account's back
}
