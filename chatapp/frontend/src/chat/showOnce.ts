import type { RefObject } from "react";
import type { ThreadHandle } from "./Thread";

const FRAMES = 120; // in which a message that was just loaded is rendered
const MARKED = 2000; // ms

/** Scrolls to a message once it is rendered, and marks it for a moment. */
export async function showOnce(thread: RefObject<ThreadHandle | null>, messageId: string): Promise<void> {
  for (let frame = 0; frame < FRAMES; frame += 1) {
    await new Promise(requestAnimationFrame);
    const row = thread.current?.show(messageId) && document.querySelector<HTMLElement>(`.thread-content [data-message-id="${CSS.escape(messageId)}"]`);
    if (!row) continue;
    row.dataset.found = "";
    setTimeout(() => delete row.dataset.found, MARKED);
    return;
  }
}
