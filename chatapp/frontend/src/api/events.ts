/**
 * What changed on any device, from `GET /api/events`. A browser opens at most six connections to a host over
 * HTTP/1.1, so only one tab listens, and it tells the others.
 */
import { pause } from "../lib/waiting";
import { config } from "./config";
import { signIn } from "./signIn";

export interface Change {
  type: string;
  /** Empty where it is no conversation that changed. */
  conversationId: string;
}

export const CHANGES = [
  "conversation.created",
  "conversation.updated",
  "conversation.deleted",
  "message.created",
  "generation.started",
  "generation.ended",
  "project.created",
  "project.updated",
  "project.deleted",
  "tag.updated",
] as const;

/** Events may have been missed: everything that is shown should be fetched again. */
export const MISSED = "missed";

type Listener = (change: Change) => void;

const LOCK = "chatapp:events";
const missed: Change = { type: MISSED, conversationId: "" };

/** Calls `listener` with every change until the returned function is called. */
export function listen(userId: string, listener: Listener): () => void {
  const ending = new AbortController();
  listenForReturn(listener, ending.signal);
  if (!navigator.locks || typeof BroadcastChannel === "undefined") {
    connect(userId, listener, ending.signal); // no locks on plain HTTP: each tab listens for itself
    return () => ending.abort();
  }
  const name = `${LOCK}:${userId}`;
  const channel = new BroadcastChannel(name);
  channel.onmessage = (event: MessageEvent<Change>) => listener(event.data);
  const lead = (): Promise<void> => {
    const tellAll: Listener = (change) => {
      channel.postMessage(change);
      listener(change);
    };
    connect(userId, tellAll, ending.signal);
    return new Promise((resolve) => ending.signal.addEventListener("abort", () => resolve()));
  };
  void navigator.locks.query().then(({ held }) => {
    const led = held?.some((lock) => lock.name === name); // what was sent before this tab opened is not sent again
    if (led && !ending.signal.aborted) listener(missed);
  });
  navigator.locks.request(name, { signal: ending.signal }, lead).catch(() => undefined); // ended while waiting
  return () => {
    ending.abort();
    channel.close();
  };
}

const AWAY = 60_000; // ms after which the browser may have put a hidden tab to sleep

/** A tab that was hidden for long may have missed something, or the tab that listens for all may have. */
function listenForReturn(listener: Listener, signal: AbortSignal): void {
  let hiddenAt = Date.now();
  const changed = (): void => {
    if (document.hidden) hiddenAt = Date.now();
    else if (Date.now() - hiddenAt > AWAY) listener(missed);
  };
  document.addEventListener("visibilitychange", changed, { signal });
}

function connect(userId: string, listener: Listener, signal: AbortSignal): void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource(`${config.basePath}/api/events?user=${userId}`);
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return; // cut off: the browser resumes by itself
      timer = setTimeout(() => {
        listener(missed); // refused: what happened meanwhile is unknown
        void pause(1000).then(signIn.whenValid).then(() => signal.aborted || open()); // without a sign-in it would be refused again
      }, 5000);
    };
    // From now on every event arrives; what is shown was fetched before.
    source.addEventListener("ready", () => listener(missed));
    for (const type of CHANGES) {
      source.addEventListener(type, (event: MessageEvent<string>) => {
        listener({ conversationId: "", ...(JSON.parse(event.data) as Partial<Change>), type });
      });
    }
  };
  open();
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    source?.close();
  });
}
