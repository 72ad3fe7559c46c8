import { WifiOff } from "lucide-react";
import { useSyncExternalStore, type ReactNode } from "react";
import { onlyHere } from "../app/storage";
import { useStore } from "../app/store";
import { useT } from "../i18n";

function subscribe(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

export const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine);

/** Says that the network is away, and that nothing is lost by it; and where something could be lost. */
export function Connection(): ReactNode {
  const t = useT();
  const online = useOnline();
  const full = useStore(onlyHere);
  return (
    <div role="status">
      {!online && (
        <p className="banner">
          <WifiOff size={16} aria-hidden /> {t("app.offline")}
        </p>
      )}
      {full && <p className="banner">{t("app.full")}</p>}
    </div>
  );
}
