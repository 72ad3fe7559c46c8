import { WifiOff } from "lucide-react";
import { useSyncExternalStore, type ReactNode } from "react";
import { useT } from "../i18n";
import { unstored } from "../lib/storage";
import { useStore } from "../lib/store";

function subscribe(listener: () => void): () => void {
  addEventListener("online", listener);
  addEventListener("offline", listener);
  return () => {
    removeEventListener("online", listener);
    removeEventListener("offline", listener);
  };
}

const useOnline = (): boolean => useSyncExternalStore(subscribe, () => navigator.onLine);

/** Says that the network is away and that nothing is lost by it, or that the storage is full and something could be. */
export function Connection(): ReactNode {
  const t = useT();
  const online = useOnline();
  const full = useStore(unstored);
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
