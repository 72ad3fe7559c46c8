import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { beforeEach, expect, test, vi } from "vitest";
import { deletePermanently } from "../api/conversations";
import type { Change } from "../api/events";
import { keys } from "../api/keys";
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
  useChanges("alice", {} as Turns);
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

test.each(["updated", "deleted"])("a conversation that this tab deletes for good is not asked for again: %s", async (change) => {
  queries.setQueryData(keys.conversation("tea"), { id: "tea" });
  const fetched = vi.spyOn(queries, "fetchQuery");
  vi.stubGlobal("fetch", () => {
    tell({ type: `conversation.${change}`, conversationId: "tea" }); // long before the server's answer arrives
    vi.runAllTimers();
    return Promise.resolve(new Response(null, { status: 204 }));
  });
  await deletePermanently(queries, "tea");
  vi.runAllTimers();
  expect(fetched).not.toHaveBeenCalled();
});
