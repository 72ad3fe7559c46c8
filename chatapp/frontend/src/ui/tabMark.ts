import { createStore } from "../lib/store";

/** How many conversations have an answer that the person has not seen: the tab's title begins with it. */
export const unreadCount = createStore(0);
