/** Waiting: for a while, for the network, for another tab. */

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** How long to wait before a retry, in ms. Grows with the attempts, with jitter so that many pages do not retry at once. */
export function backoff(attempt: number): number {
  const ceiling = Math.min(15_000, 500 * 2 ** attempt);
  return ceiling * (0.6 + Math.random() * 0.4);
}

/** Resolves after `ms`, or earlier when the browser comes online or `signal` aborts. */
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

/** Resolves when one of these calls its listener, or when `signal` aborts. */
export function anyOf(signal: AbortSignal, ...subscribe: ((listener: () => void) => () => void)[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const stop of stops) stop();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const stops = subscribe.map((to) => to(done));
    signal.addEventListener("abort", done);
  });
}

/** Aborts as soon as one of `signals` does. Firefox before 124 and Safari before 17.4 have no `AbortSignal.any`. */
export function anySignal(...signals: AbortSignal[]): AbortSignal {
  const any = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) any.abort(signal.reason);
    signal.addEventListener("abort", () => any.abort(signal.reason), { signal: any.signal });
  }
  return any.signal;
}

/** Runs `work` while no other tab holds the lock `name`. Browsers have no locks on plain HTTP: there it runs at once. */
export async function withLock(name: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return work();
  await navigator.locks.request(`chatapp:${name}`, { signal }, work).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
