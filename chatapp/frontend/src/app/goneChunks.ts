import { config } from "../api/config";
import { harmless } from "../ui/late";

const NAME = "chatapp:reloaded";
const AGAIN = 60_000; // ms before the page may reload itself once more

/** A part of the page that is needed and cannot be loaded may have gone with an earlier release: then the page starts anew, once. */
export function reloadWhereChunksAreGone(): void {
  addEventListener("vite:preloadError", ({ payload }) => {
    setTimeout(() => harmless.has(payload) || void reload().catch(() => undefined)); // who waits for it is known by then
  });
}

/** Throws where `sessionStorage` is disabled: the page could reload itself for ever. */
async function reload(): Promise<void> {
  if (Date.now() - Number(sessionStorage.getItem(NAME)) < AGAIN) return;
  const { ok } = await fetch(`${config.basePath}/healthz`); // with the network away, there is nothing to load instead
  if (!ok) return;
  sessionStorage.setItem(NAME, String(Date.now()));
  location.reload();
}
