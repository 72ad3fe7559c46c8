/** Waiting for the network. */

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Seconds grow with the attempts and are spread, so that many pages don't come back at the same moment. */
export function backoff(attempt: number): number {
  const ceiling = Math.min(15_000, 500 * 2 ** attempt);
  return ceiling * (0.6 + Math.random() * 0.4);
}

/** Resolves after `ms`, or as soon as the browser says that the network is back, or nobody waits any more. */
export function pauseOrOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    addEventListener("online", done);
    signal.addEventListener("abort", done);
  });
}

/** Does `work` while no other tab does what has this name; where the browser has no locks (plain HTTP), at once. */
export async function alone(name: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  await navigator.locks.request(`chatapp:${name}`, { signal }, work).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
