/** The keys under which the page caches what the server told it. */
export const keys = {
  me: ["me"] as const,
  models: ["models"] as const,
  signIns: ["sign-ins"] as const,
  conversations: ["conversations"] as const,
  archive: ["archive"] as const,
  trash: ["trash"] as const,
  anyConversation: ["conversation"] as const,
  conversation: (id: string) => ["conversation", id] as const,
  anyMessages: ["messages"] as const,
  messages: (id: string) => ["messages", id] as const,
};
