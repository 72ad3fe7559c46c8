import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { beforeEach, expect, test, vi } from "vitest";
import { deletePermanently } from "../api/conversations";
import type { Change } from "../api/events";
import { keys } from "../api/keys";
import { Answers } from "../chat/answers";
import type { Turns } from "../chat/turns";
import { emptyPage } from "../ui/page.fixture";
import { useChanges } from "./useChanges";

let tell: (change: Change) => void;

vi.mock("../api/events", async (original) => ({
  ...(await original<typeof import("../api/events")>()),
  listen: (_: string, listener: typeof tell) => {
    tell = listener;
    return () => undefined;
  },
}));

function Page() {
  useChanges("alice", { state: { answers: new Answers() } } as Turns);
  return null;
}

const page = emptyPage();
let queries: QueryClient;

beforeEach(async () => {
  queries = new QueryClient();
  await page.show(<QueryClientProvider client={queries}><Page /></QueryClientProvider>);
});

test.each([
  ["project.updated", [keys.projects]],
  ["project.deleted", [keys.projects, keys.conversations, keys.anyConversation]],
  ["tag.updated", [keys.tags]],
])("what another device did to a project or a tag is fetched: %s", (type, expected) => {
  const fetched = vi.spyOn(queries, "invalidateQueries");
  tell({ type, conversationId: "" });
  tell({ type, conversationId: "" }); // together with the first
  vi.runAllTimers();
  expect(fetched.mock.calls.map(([filters]) => filters?.queryKey)).toEqual(expected);
});

/** Lets the page ask the server, whose responses the test gives. Returns what was asked. */
function asks(respond: (method: string) => Response | Promise<Response>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("fetch", ({ method, url }: Request) => {
    asked.push(`${method} ${new URL(url).pathname}`);
    return Promise.resolve(respond(method));
  });
  return asked;
}

test.each(["updated", "deleted"])("a conversation that this tab deletes for good is not asked for again: %s", async (change) => {
  const id = `tea-${change}`;
  queries.setQueryData(keys.conversation(id), { id });
  const asked = asks(async () => {
    tell({ type: `conversation.${change}`, conversationId: id }); // long before the server's answer arrives
    await vi.advanceTimersByTimeAsync(100);
    return new Response(null, { status: 204 });
  });
  await deletePermanently(queries, id);
  tell({ type: `conversation.${change}`, conversationId: id });
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toEqual([`DELETE /api/conversations/${id}`]);
});

test("the messages of a conversation that this tab deletes while it hears of a change are not asked for", async () => {
  queries.setQueryData(keys.messages("tea"), { items: [] });
  const asked = asks((method) => {
    if (method === "DELETE") return new Promise(() => undefined);
    void deletePermanently(queries, "tea");
    return Response.json({ id: "tea", tags: [] });
  });
  tell({ type: "generation.ended", conversationId: "tea" });
  await vi.advanceTimersByTimeAsync(100);
  expect(asked).toEqual(["GET /api/conversations/tea", "DELETE /api/conversations/tea"]);
});

test("what was found in a conversation that has been deleted is looked for again", () => {
  const queryKey = keys.search("tea", "newest");
  queries.setQueryData(queryKey, {});
  tell({ type: "conversation.deleted", conversationId: "tea" });
  vi.advanceTimersByTime(100);
  expect(queries.getQueryState(queryKey)?.isInvalidated).toBe(true);
});
