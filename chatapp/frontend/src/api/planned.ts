/** Calls of the contract that the generated schema does not hold yet. */
import type { paths } from "./schema";

export interface Project {
  id: string;
  name: string;
  systemPrompt: string | null;
  model: string | null;
  conversationCount: number;
}

export interface Tag {
  name: string;
  color: string | null;
  count: number;
}

export type BatchChange =
  | { action: "archive" | "unarchive" | "trash" | "restore" | "delete" }
  | { action: "tag" | "untag"; tag: string }
  | { action: "move"; projectId: string | null };

export interface BatchResult {
  done: string[];
  failed: { id: string; reason: string }[];
  /** With `all`: one call changes a part, and there are others. */
  more: boolean;
}

interface Reply<Body> {
  responses: { 200: { headers: Record<string, unknown>; content: { "application/json": Body } } };
}

interface Taking<Input, Body> extends Reply<Body> {
  requestBody: { content: { "application/json": Input } };
}

interface At<Name extends string> {
  parameters: { path: Record<Name, string> };
}

export interface Planned {
  "/api/conversations/batch": { post: Taking<({ ids: string[] } | { all: true; trashed?: true }) & BatchChange, BatchResult> };
  "/api/projects": {
    get: Reply<{ items: Project[] }>;
    post: Taking<Pick<Project, "name" | "systemPrompt" | "model">, Project>;
  };
  "/api/projects/{projectId}": {
    patch: At<"projectId"> & Taking<Partial<Pick<Project, "name" | "systemPrompt" | "model">>, Project>;
    delete: At<"projectId"> & Reply<never>;
  };
  "/api/tags": { get: Reply<{ items: Tag[] }> };
  "/api/tags/{name}": {
    patch: At<"name"> & Taking<{ name?: string; color?: string | null }, Tag>;
    delete: At<"name"> & Reply<never>;
  };
}

export type AllPaths = Omit<paths, keyof Planned> & Planned;
