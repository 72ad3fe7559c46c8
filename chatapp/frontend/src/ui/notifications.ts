/** Notifications outside of the page: only where this browser's person has asked for them. */
import { readText, writeText } from "../lib/storage";

const NAME = "notify";

/** Whether this browser can notify at all; on plain HTTP it cannot. */
export const canNotify = (): boolean => "Notification" in window && isSecureContext;

export const notifies = (): boolean => canNotify() && Notification.permission === "granted" && readText(NAME) === "on";

/** Asks the browser for its permission. Returns whether notifications are shown from now on. */
export async function startNotifying(): Promise<boolean> {
  if (!canNotify() || (await Notification.requestPermission()) !== "granted") return false;
  writeText(NAME, "on");
  return true;
}

export const stopNotifying = (): void => writeText(NAME, null);

/** Shows a notification, one for each `tag` however many tabs are open. */
export function notify(title: string, body: string, tag: string, onClick: () => void): void {
  if (!notifies()) return;
  try {
    const shown = new Notification(title, { body, tag });
    shown.onclick = () => {
      window.focus();
      shown.close();
      onClick();
    };
  } catch {
    // Chrome on Android has the name, but does not show any without a service worker.
  }
}
