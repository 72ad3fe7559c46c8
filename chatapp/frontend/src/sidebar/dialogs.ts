/** Which of the sidebar's dialogs is open. They are loaded when they are. */
import { createStore } from "../lib/store";
import type { Conversation, Project } from "../api/types";

export type SidebarDialog =
  | { kind: "tags" | "move"; items: readonly Conversation[] }
  /** Null is a new project; the conversations move into it. */
  | { kind: "project"; project: Project | null; items: readonly Conversation[] }
  | { kind: "deleteProject"; project: Project };

export const sidebarDialog = createStore<SidebarDialog | null>(null);

export const closeDialog = (): void => sidebarDialog.set(null);
