/**
 * What changed on any device. A browser opens six connections to one server at the most (HTTP/1.1),
 * so only one tab listens, and tells the others.
 */
import { pause } from "../app/waiting";
import { signIn } from "../auth/signIn";

export interface Change {
  type: string;
  conversationId: string;
}

export const CHANGES = [
  "conversation.created",
  "conversation.updated",
  "conversation.deleted",
  "message.created",
  "generation.started",
  "generation.ended",
] as const;

/** Says that events may have been missed: whatever is shown should be fetched again. */
export const MISSED = "missed";

const PLACE = "chatapp:events";

/** Calls `tell` with every change until the returned function is called. */
export function listen(userId: string, tell: (change: Change) => void): () => void {
  const ending = new AbortController();
  tellOnReturn(tell, ending.signal);
  if (!navigator.locks || typeof BroadcastChannel === "undefined") {
    hear(tell, ending.signal); // no locks on plain HTTP: each tab listens for itself
    return () => ending.abort();
  }
  const channel = new BroadcastChannel(`${PLACE}:${userId}`);
  channel.onmessage = (event: MessageEvent<Change>) => tell(event.data);
  const lead = (): Promise<void> => {
    hear((change) => {
      channel.postMessage(change);
      tell(change);
    }, ending.signal);
    return new Promise((resolve) => ending.signal.addEventListener("abort", () => resolve()));
  };
  void navigator.locks.query().then(({ held }) => {
    const led = held?.some((lock) => lock.name === channel.name); // what was told before this tab came is not told again
    if (led && !ending.signal.aborted) tell({ type: MISSED, conversationId: "" });
  });
  navigator.locks.request(`${PLACE}:${userId}`, { signal: ending.signal }, lead).catch(() => undefined); // ended while it waited
  return () => {
    ending.abort();
    channel.close();
  };
}

const AWAY = 60_000; // ms after which a tab that nobody looks at may have been put to sleep

/** Whoever comes back is told that something may have been missed: by this tab, or by the one that listens for all. */
function tellOnReturn(tell: (change: Change) => void, signal: AbortSignal): void {
  let leftAt = Date.now();
  const turn = (): void => {
    if (document.hidden) leftAt = Date.now();
    else if (Date.now() - leftAt > AWAY) tell({ type: MISSED, conversationId: "" });
  };
  document.addEventListener("visibilitychange", turn, { signal });
}

function hear(tell: (change: Change) => void, signal: AbortSignal): void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const open = (): void => {
    source = new EventSource("/api/events");
    source.onerror = () => {
      if (source?.readyState !== EventSource.CLOSED) return; // cut off: the browser goes on by itself where it was
      timer = setTimeout(() => {
        tell({ type: MISSED, conversationId: "" }); // refused, and what was told meanwhile is not known
        void pause(1000).then(signIn.whenBack).then(() => signal.aborted || open()); // where the sign-in ended, all are refused
      }, 5000);
    };
    // It hears everything from now on; what is shown was fetched before that.
    source.addEventListener("ready", () => tell({ type: MISSED, conversationId: "" }));
    for (const type of CHANGES) {
      source.addEventListener(type, (event: MessageEvent<string>) => {
        tell({ ...(JSON.parse(event.data) as Change), type });
      });
    }
  };
  open();
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    source?.close();
  });
}
