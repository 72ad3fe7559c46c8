import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, test, vi } from "vitest";
import { putMessage } from "./cache";
import { EMPTY, type History } from "./history";
import { keys } from "./keys";
import { refreshMessages } from "./queries";
import type { Message } from "./types";

afterEach(() => vi.unstubAllGlobals());

test("a page that was requested before a message was put does not remove it", async () => {
  const question = { id: "q", conversationId: "c", parentId: null, role: "user", content: "" } as Message;
  const page = (...items: Message[]): Response => new Response(JSON.stringify({ items, nextCursor: null }));
  const queries = new QueryClient();
  queries.setQueryData<History>(keys.messages("c"), EMPTY);
  const answers: ((response: Response) => void)[] = [];
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => answers.push(resolve)));
  const refreshed = refreshMessages(queries, "c");
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  putMessage(queries, question);
  answers[0]!(page());
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]!(page(question));
  expect((await refreshed).items.map(({ id }) => id)).toEqual(["q"]);
});
