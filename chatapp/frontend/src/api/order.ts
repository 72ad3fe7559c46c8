/** Calls that put conversations in order: many at once, projects and tags. Each throws `ApiError` or `Unreachable`. */
import { queryOptions, type QueryClient } from "@tanstack/react-query";
import { changeConversation, dropFromList, listedConversations } from "./cache";
import { api, unwrap } from "./client";
import { keys } from "./keys";
import type { BatchChange, Conversation, Project, TagChange } from "./types";

const AT_ONCE = 100; // conversations in one request

/** One change of several conversations. */
export interface Change {
  items: readonly Conversation[];
  change: BatchChange;
}

const projectOf = ({ projectId }: Conversation): string | null => projectId ?? null;

/** What takes a change back. What was so before it stays so. */
export function inverse({ items, change }: Change): Change[] {
  switch (change.action) {
    case "archive":
      return [{ items, change: { action: "unarchive" } }];
    case "unarchive":
      return [{ items, change: { action: "archive" } }];
    case "trash":
      return [{ items, change: { action: "restore" } }];
    case "tag":
      return [{ items: items.filter(({ tags }) => !tags.includes(change.tag)), change: { ...change, action: "untag" } }];
    case "untag":
      return [{ items: items.filter(({ tags }) => tags.includes(change.tag)), change: { ...change, action: "tag" } }];
    case "move":
      return [...new Set(items.map(projectOf))].map((projectId) => ({
        items: items.filter((item) => projectOf(item) === projectId),
        change: { action: "move", projectId },
      }));
    default:
      return [];
  }
}

/** Makes one change on the server, then in the cache. Returns how many conversations the server did not change. */
export async function changeMany(client: QueryClient, { items, change }: Change): Promise<number> {
  const byId = new Map(items.map((item) => [item.id, item]));
  const ids = [...byId.keys()];
  let failed = 0;
  try {
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const result = await unwrap(api.POST("/api/conversations/batch", { body: { ids: ids.slice(at, at + AT_ONCE), ...change } }));
      failed += result.failed.length;
      for (const id of result.done) show(client, byId.get(id)!, change);
    }
  } finally {
    refresh(client, change);
  }
  return failed;
}

function show(client: QueryClient, item: Conversation, change: BatchChange): void {
  const { id } = item;
  const { tags } = listedConversations(client, new Set([id]))[0] ?? item; // another change may have been made since
  if (change.action === "tag") changeConversation(client, id, { tags: [...tags.filter((tag) => tag !== change.tag), change.tag] });
  else if (change.action === "untag") changeConversation(client, id, { tags: tags.filter((tag) => tag !== change.tag) });
  else if (change.action === "move") changeConversation(client, id, { projectId: change.projectId });
  else {
    if (change.action !== "restore" && change.action !== "unarchive") dropFromList(client, id);
    void client.invalidateQueries({ queryKey: keys.conversation(id) });
  }
}

/** Fetches again what the change has put elsewhere. */
function refresh(client: QueryClient, { action }: BatchChange): void {
  const lists = action === "restore" || action === "unarchive" ? [keys.conversations] : [];
  for (const queryKey of [...lists, keys.archive, keys.trash, keys.tags, keys.projects]) void client.invalidateQueries({ queryKey });
}

/** Deletes for good all that is in the trash, or everything there is: in the list, in the archive and in the trash. */
export async function deleteAll(client: QueryClient, what: { trashed?: true } = {}): Promise<void> {
  for (const queryKey of [keys.anyConversation, keys.anyMessages]) client.removeQueries({ queryKey, type: "inactive" });
  try {
    for (let more = true; more; ) {
      const result = await unwrap(api.POST("/api/conversations/batch", { body: { all: true, action: "delete", ...what } }));
      more = result.more && result.done.length > 0;
    }
  } finally {
    for (const queryKey of [keys.anyConversation, keys.conversations, keys.archive, keys.trash, keys.tags, keys.projects]) {
      void client.invalidateQueries({ queryKey });
    }
  }
}

export const projectsQuery = queryOptions({
  queryKey: keys.projects,
  queryFn: async () => (await unwrap(api.GET("/api/projects"))).items,
});

export type ProjectFields = Pick<Project, "name" | "systemPrompt" | "model">;

/** Creates a project, or changes the one with the id. */
export async function saveProject(client: QueryClient, id: string | null, fields: ProjectFields): Promise<Project> {
  const call = id === null
    ? api.POST("/api/projects", { body: fields })
    : api.PATCH("/api/projects/{projectId}", { params: { path: { projectId: id } }, body: fields });
  const saved = await unwrap(call);
  await client.invalidateQueries({ queryKey: keys.projects });
  return saved;
}

/** Deletes a project. Its conversations stay. */
export async function deleteProject(client: QueryClient, projectId: string): Promise<void> {
  await unwrap(api.DELETE("/api/projects/{projectId}", { params: { path: { projectId } } }));
  await Promise.all([keys.projects, keys.conversations, keys.anyConversation].map((queryKey) => client.invalidateQueries({ queryKey })));
}

export const tagsQuery = queryOptions({
  queryKey: keys.tags,
  queryFn: async () => (await unwrap(api.GET("/api/tags"))).items,
});

export async function changeTag(client: QueryClient, name: string, change: TagChange | null): Promise<void> {
  const params = { path: { tagName: name } };
  await unwrap(change ? api.PATCH("/api/tags/{tagName}", { params, body: change }) : api.DELETE("/api/tags/{tagName}", { params }));
  await Promise.all([keys.tags, keys.conversations, keys.anyConversation].map((queryKey) => client.invalidateQueries({ queryKey })));
}
