import type { ListFilter } from "./types";

/** The keys under which the page caches what the server told it. */
export const keys = {
  me: ["me"] as const,
  models: ["models"] as const,
  signIns: ["sign-ins"] as const,
  conversations: ["conversations"] as const,
  list: (filter: ListFilter) => ["conversations", filter] as const,
  projects: ["projects"] as const,
  tags: ["tags"] as const,
  archive: ["archive"] as const,
  trash: ["trash"] as const,
  starred: ["starred"] as const,
  anySearch: ["search"] as const,
  anyFound: ["found"] as const,
  search: (q: string, sort: string) => ["search", q, sort] as const,
  found: (q: string) => ["found", q] as const,
  anyConversation: ["conversation"] as const,
  conversation: (id: string) => ["conversation", id] as const,
  anyMessages: ["messages"] as const,
  anyTree: ["tree"] as const,
  tree: (id: string) => ["tree", id] as const,
  messages: (id: string) => ["messages", id] as const,
  /** What is shown around linked messages of a conversation. */
  anyAround: (id: string) => ["around", id] as const,
  around: (id: string, messageId: string) => ["around", id, messageId] as const,
};
