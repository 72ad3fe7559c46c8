import { createStore } from "../lib/store";
import type { ListFilter } from "./types";

/** Which conversations the sidebar lists: all, or those of a project or a tag. */
export const listFilter = createStore<ListFilter>({});

/** Lists those of a project or a tag; undefined lists all again. */
export const narrow = (to: ListFilter): void => listFilter.set({ ...listFilter.get(), ...to });
