/** For the tests of turns: a person's turns, and a server that answers what a test tells it to. */
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, vi } from "vitest";
import { EMPTY, type History } from "../api/history";
import { keys } from "../api/keys";
import type { Message } from "../api/types";
import { Turns } from "./turns";

export const message = (id: string, fields: Partial<Message> = {}): Message =>
  ({ id, conversationId: "c", parentId: null, role: "assistant", content: "", status: "streaming", createdAt: "2026-01-01T00:00:00Z", ...fields }) as Message;

export const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

export const page = (...items: Message[]): Response => json({ items, nextCursor: null });

/** A stream of events: name, data and id of each. */
export const events = (...all: [string, object, number?][]): Response =>
  new Response(all.map(([event, data, id]) => `event: ${event}\n${id ? `id: ${id}\n` : ""}data: ${JSON.stringify(data)}\n\n`).join(""));

/** Gives every test a server and a person, Alice, who has its conversation `c` open. Time is fake. */
export function setUpTurns() {
  const fixture = {} as { server: ReturnType<typeof fakeServer>; queries: QueryClient; turns: Turns };
  beforeEach(() => {
    vi.useFakeTimers();
    localStorage.clear();
    fixture.server = fakeServer();
    fixture.queries = new QueryClient();
    fixture.queries.setQueryData<History>(keys.messages("c"), EMPTY);
    fixture.turns = newTurns(fixture.queries);
  });
  afterEach(() => {
    fixture.turns.end();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  return fixture;
}

export const newTurns = (queries: QueryClient): Turns => new Turns("alice", queries, async () => ({ model: null, systemPrompt: null }));

function fakeServer() {
  const requests: string[] = [];
  const bodies: { content?: string; id?: string; model?: string; editOf?: string }[] = [];
  /** What the server answers, by the last part of the path; a turn by the one before `stream`. Anything else is a 404. */
  const answers: Record<string, () => Response | Promise<Response>> = { start: () => json({ sessionId: "s", conversationId: "c" }) };
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname.replace(/(message|regenerate|continue)\/stream$/, "$1").split("/").at(-1)!;
    requests.push(path);
    if (request.method === "POST") bodies.push((await request.clone().json().catch(() => ({}))) as object);
    return answers[path]?.() ?? json({}, 404);
  });
  return { requests, bodies, answers };
}

export const shownMessages = (queries: QueryClient): readonly Message[] => queries.getQueryData<History>(keys.messages("c"))?.items ?? [];
