import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { modelsQuery } from "../api/queries";
import type { User } from "../api/types";
import { LogInAgain } from "../auth/LogInAgain";
import { useOtherTabs } from "../auth/tabs";
import { defaultModel } from "../chat/defaultModel";
import { ServicesContext } from "../chat/services";
import { Turns } from "../chat/turns";
import { useI18n } from "../i18n";
import { Shell } from "../shell/Shell";
import { applyTheme } from "./theme";
import { useChanges } from "./useChanges";

/** The page of one person. A change of the person makes everything anew. */
export default function SignedIn({ user, children }: { user: User; children: ReactNode }): ReactNode {
  return (
    <PersonalPage key={user.id} user={user}>
      {children}
    </PersonalPage>
  );
}

function PersonalPage({ user, children }: { user: User; children: ReactNode }): ReactNode {
  const turns = useTurns(user);
  const services = useMemo(() => turns && { user, turns }, [user, turns]);
  useChanges(user.id, turns);
  useOtherTabs(user.id);
  useOwnSettings(user);
  if (!services) return null;
  return (
    <ServicesContext value={services}>
      <Shell>{children}</Shell>
      <LogInAgain user={user} />
    </ServicesContext>
  );
}

/** The turns of this page; they end with it. */
function useTurns(user: User): Turns | null {
  const queries = useQueryClient();
  const latest = useRef(user);
  const [turns, begin] = useState<Turns | null>(null);
  useEffect(() => {
    latest.current = user;
  }, [user]);
  useLayoutEffect(() => {
    const begun = new Turns(user.id, queries, () => ({
      model: defaultModel(latest.current, queries.getQueryData(modelsQuery.queryKey)),
      systemPrompt: latest.current.settings.systemPrompt ?? null,
    }));
    begun.takeUp();
    begin(begun);
    return () => begun.dispose();
  }, [user.id, queries]);
  return turns;
}

/** Theme and language follow the account from device to device. */
function useOwnSettings(user: User): void {
  const { language, setLanguage } = useI18n();
  const { theme, language: wanted } = user.settings;
  useEffect(() => {
    if (theme) applyTheme(theme);
  }, [theme]);
  useEffect(() => {
    if (wanted && wanted !== language) setLanguage(wanted);
    // A change of the page's language alone must not bring the account's back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [wanted, setLanguage]);
}
