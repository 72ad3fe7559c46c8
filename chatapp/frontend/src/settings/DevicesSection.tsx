import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import type { ReactNode } from "react";
import { api, unwrap } from "../api/client";
import { keys } from "../api/keys";
import { signInsQuery } from "../api/queries";
import type { SignIn } from "../api/types";
import { useI18n, useT, type Translate } from "../i18n";
import { LoadFailed } from "../ui/LoadFailed";
import { toastError } from "../ui/toastError";
import { deviceOf } from "./deviceOf";
import { Section } from "./Section";

/** The person's sign-ins, as the devices they are on. */
export function DevicesSection(): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery(signInsQuery);
  const end = useMutation({
    mutationFn: (id: string | null) =>
      id === null
        ? unwrap(api.DELETE("/api/auth/sessions"))
        : unwrap(api.DELETE("/api/auth/sessions/{signInId}", { params: { path: { signInId: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.signIns }),
    onError: (failure) => toastError(failure, t),
  });
  return (
    <Section title={t("settings.devices")} lead={t("settings.devices.lead")}>
      {error && !data && <LoadFailed text={t("settings.failed")} onRetry={() => void refetch()} />}
      <ul className="devices">
        {data?.items.map((signIn) => (
          <SignInRow key={signIn.id} signIn={signIn} onEnd={() => end.mutate(signIn.id)} />
        ))}
      </ul>
      {data && data.items.length > 1 && (
        <div>
          <button type="button" className="button" onClick={() => end.mutate(null)}>
            {t("settings.devices.others")}
          </button>
        </div>
      )}
    </Section>
  );
}

function SignInRow({ signIn, onEnd }: { signIn: SignIn; onEnd(): void }): ReactNode {
  const { t, time } = useI18n();
  const name = deviceName(signIn, t);
  return (
    <li>
      <MonitorSmartphone size={20} aria-hidden />
      <div>
        <strong>{name}</strong>
        <span>
          {signIn.address} · {t("settings.devices.seen", { time: time(signIn.lastSeenAt, { dateStyle: "medium", timeStyle: "short" }) })}
        </span>
      </div>
      {signIn.current ? (
        <span className="chip good">{t("settings.devices.this")}</span>
      ) : (
        <button type="button" className="button small" aria-label={t("settings.devices.endLabel", { device: name })} onClick={onEnd}>
          {t("settings.devices.end")}
        </button>
      )}
    </li>
  );
}

function deviceName({ userAgent }: SignIn, t: Translate): string {
  const { browser, system } = deviceOf(userAgent);
  if (browser && system) return t("settings.devices.on", { browser, system });
  return browser ?? system ?? (userAgent.slice(0, 60) || t("settings.devices.unknown"));
}
