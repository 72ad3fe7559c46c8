import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";
import type { Change } from "../api/events";
import { keys } from "../api/keys";
import type { Turns } from "../chat/turns";
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

test.each([
  ["project.updated", [keys.projects]],
  ["project.deleted", [keys.projects, keys.conversations, keys.anyConversation]],
  ["tag.updated", [keys.tags]],
])("what another device did to a project or a tag is fetched: %s", async (type, expected) => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers();
  const queries = new QueryClient();
  const fetched = vi.spyOn(queries, "invalidateQueries");
  const page = createRoot(document.createElement("div"));
  await act(async () => page.render(<QueryClientProvider client={queries}><Page /></QueryClientProvider>));
  tell({ type, conversationId: "" });
  tell({ type, conversationId: "" }); // together with the first
  vi.runAllTimers();
  expect(fetched.mock.calls.map(([filters]) => filters?.queryKey)).toEqual(expected);
  await act(async () => page.unmount());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
