/** What is open of all of the shown conversation. */
import { createStore } from "../lib/store";

export type Tool = "find" | "map" | "select" | "print" | "save" | "settings";

export const openTool = createStore<Tool | null>(null);

export const closeTool = (): void => openTool.set(null);
