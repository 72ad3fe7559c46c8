/** What the server's responses hold, under the names of its OpenAPI document. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Theme = "system" | "light" | "dark";

/** The person's own settings: whatever any client has stored (see auth/preferences.ts). */
export type UserSettings = Readonly<Record<string, unknown>>;

/** Settings to change; null removes one. */
export type SettingsUpdate = NonNullable<Schemas["AccountUpdate"]["settings"]>;

export type User = Omit<Schemas["User"], "settings"> & { settings: UserSettings };
export type SignIn = Schemas["SignIn"];
export type Conversation = Schemas["Conversation"];
export type ConversationChange = Schemas["ConversationUpdate"];
export type Message = Omit<Schemas["Message"], "feedback"> & { feedback?: "up" | "down" | null };
export type Hit = Schemas["SearchHit"];
export type SearchOrder = "newest" | "best";
export type Star = Schemas["Star"];
/** A page of messages, from any place of a branch. */
export interface MessagePage extends Page<Message> {
  previousCursor: string | null;
}

export type Twig = Schemas["Twig"];
export type Models = Schemas["ModelList"];

export type Project = Schemas["Project"];
export type Tag = Schemas["Tag"];
export type TagChange = Schemas["TagUpdate"];

/** What can be done with many conversations at once. */
export type BatchChange =
  | { action: "archive" | "unarchive" | "trash" | "restore" | "delete" }
  | { action: "tag" | "untag"; tag: string }
  | { action: "move"; projectId: string | null };

/** Which conversations a list holds. */
export interface ListFilter {
  projectId?: string;
  tag?: string;
}

export interface Page<Item> {
  items: Item[];
  nextCursor: string | null;
}
