import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MonitorSmartphone } from "lucide-react";
import type { ReactNode } from "react";
import { api, unwrap } from "../api/client";
import { devicesQuery, keys } from "../api/queries";
import type { Device } from "../api/types";
import { useI18n, useT, type Translate } from "../i18n";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";
import { deviceOf } from "./deviceOf";
import { Section } from "./Section";

export function DevicesSection(): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const { data, error } = useQuery(devicesQuery);
  const end = useMutation({
    mutationFn: (id: string | null) =>
      id === null
        ? unwrap(api.DELETE("/api/auth/sessions"))
        : unwrap(api.DELETE("/api/auth/sessions/{signInId}", { params: { path: { signInId: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.devices }),
    onError: (failure) => toast(errorText(failure, t)),
  });
  return (
    <Section title={t("settings.devices")} lead={t("settings.devices.lead")}>
      {error && !data && <p>{t("settings.failed")}</p>}
      <ul className="devices">
        {data?.items.map((device) => (
          <DeviceRow key={device.id} device={device} onEnd={() => end.mutate(device.id)} />
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

function DeviceRow({ device, onEnd }: { device: Device; onEnd(): void }): ReactNode {
  const { t, time } = useI18n();
  const name = nameOf(device, t);
  return (
    <li>
      <MonitorSmartphone size={20} aria-hidden />
      <div>
        <strong>{name}</strong>
        <span>
          {device.address} · {t("settings.devices.seen", { time: time(device.lastSeenAt, { dateStyle: "medium", timeStyle: "short" }) })}
        </span>
      </div>
      {device.current ? (
        <span className="chip good">{t("settings.devices.this")}</span>
      ) : (
        <button type="button" className="button small" aria-label={t("settings.devices.endLabel", { device: name })} onClick={onEnd}>
          {t("settings.devices.end")}
        </button>
      )}
    </li>
  );
}

function nameOf(device: Device, t: Translate): string {
  const { browser, system } = deviceOf(device.userAgent);
  if (browser && system) return t("settings.devices.on", { browser, system });
  return browser ?? system ?? (device.userAgent.slice(0, 60) || t("settings.devices.unknown"));
}
