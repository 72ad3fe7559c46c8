import { lazy, Suspense, useState, type ComponentType, type ReactNode } from "react";
import { Part } from "./Part";

type Fetch<Loaded> = () => Promise<Loaded>;

const PAINTED = 1500; // ms after which the page has been painted

/** What is fetched once the page is painted; null from then on: what is added later is fetched at once. */
let waiting: Fetch<unknown>[] | null = [];

/** Has code fetched before it is needed, so that what it shows opens at once, and without a network. Returns `fetch`. */
export function soon<Loaded>(fetch: Fetch<Loaded>): Fetch<Loaded> {
  if (waiting) waiting.push(fetch);
  else attempt(fetch);
  return fetch;
}

/** Errors of code that nobody waits for yet. */
export const harmless = new WeakSet<Error>();

/** Tries to fetch code. It is tried again when it is needed. */
export const attempt = (fetch: Fetch<unknown>): void => void fetch().catch((error: Error) => void harmless.add(error));

/**
 * A part of the page that is not shown at first: a dialog, a bar. What has been fetched opens within the key that opens it,
 * so that the next key is meant for it. An error takes down this part only; where it could not be fetched, it is tried
 * again when it is shown anew.
 */
export function late<Props extends object>(fetch: Fetch<{ default: ComponentType<Props> }>) {
  let ready: ComponentType<Props> | null = null;
  const load = soon(async () => {
    const part = await fetch();
    ready = part.default;
    return part;
  });
  return function Late(props: Props): ReactNode {
    const [Shown] = useState<ComponentType<Props>>(() => ready ?? lazy(load));
    return (
      <Suspense fallback={null}>
        <Part>
          <Shown {...props} />
        </Part>
      </Suspense>
    );
  };
}

/** Fetches all that is late, once the page is painted; not without a network, since browsers remember an import that failed. */
export function fetchLate(): void {
  setTimeout(() => {
    if (navigator.onLine) waiting?.forEach(attempt);
    waiting = null;
  }, PAINTED);
}
