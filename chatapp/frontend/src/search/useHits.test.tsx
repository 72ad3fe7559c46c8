import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "../api/errors";
import { keys } from "../api/keys";
import { emptyPage } from "../ui/page.fixture";
import { useHits } from "./useHits";

const asked = vi.hoisted(() => ({ calls: [] as { q: string; insideWords: boolean; signal: AbortSignal; answer(total?: number, complete?: boolean): void; refuse(error: Error): void }[] }));

vi.mock("../api/client", () => ({
  unwrap: (call: Promise<{ data: unknown }>) => call.then(({ data }) => data),
  api: {
    GET: (_: string, { params, signal }: { params: { query: { q: string; insideWords: boolean } }; signal: AbortSignal }) =>
      new Promise((resolve, refuse) => {
        const { q, insideWords } = params.query;
        asked.calls.push({ q, insideWords, signal, refuse, answer: (total = 1, complete = true) => resolve({ data: { items: total ? [{ messageId: q }] : [], nextCursor: null, total, complete, behind: 0, conversations: null } }) });
      }),
  },
}));

const page = emptyPage();
let found: ReturnType<typeof useHits>;

beforeEach(() => {
  asked.calls.length = 0;
});

function Field({ text, fresh }: { text: string; fresh?: boolean }): null {
  found = useHits(text, "newest", fresh);
  return null;
}

const pass = (): Promise<unknown> => page.wait(50);
const shown = (): (string | null)[] => found.hits.map((hit) => hit.messageId);

function typing(): (text: string) => Promise<void> {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  return async (text) => {
    await page.show(<QueryClientProvider client={client}><Field text={text} /></QueryClientProvider>);
    await pass();
  };
}

test("an older request is aborted and its answer ignored, and the last results stay until there are new ones", async () => {
  const type = typing();
  await type("bl");
  asked.calls[0]!.answer();
  await pass();
  expect(shown()).toEqual(["bl"]);
  await type("blu");
  expect(shown()).toEqual(["bl"]);
  await type("blue");
  expect(asked.calls.map(({ q, signal }) => [q, signal.aborted])).toEqual([["bl", false], ["blu", true], ["blue", false]]);
  asked.calls[1]!.answer();
  await pass();
  expect(shown()).toEqual(["bl"]);
  asked.calls[2]!.answer();
  await pass();
  expect(shown()).toEqual(["blue"]);
  await type("");
  expect(shown()).toEqual([]);
});

test("what no word begins with is looked for inside of words", async () => {
  await typing()("ebra");
  asked.calls[0]!.answer(0);
  await pass();
  asked.calls[1]!.answer();
  await pass();
  expect(asked.calls.map(({ q, insideWords }) => [q, insideWords])).toEqual([["ebra", false], ["ebra", true]]);
  expect(shown()).toEqual(["ebra"]);
});

test("it is told where not everything was searched", async () => {
  await typing()("blue");
  asked.calls[0]!.answer(1, false);
  await pass();
  expect(found.note).toBe("Not everything was searched.");
});

test("too many words are told of as that, and nothing is to be tried again", async () => {
  await typing()("a b c");
  const faults = [{ field: "q", reason: "too_many" as const, limit: 32 }];
  asked.calls[0]!.refuse(new ApiError({ status: 422, reason: "invalid_input", faults, retryAfter: null }));
  await pass();
  expect(found.note).toBe("These are too many words. Search for at most 32 at once.");
  expect(found.error).toBeNull();
});

test("on the way back what was found is shown as it was, unless something of it has been deleted since", async () => {
  const client = new QueryClient();
  const show = (element: ReactNode): Promise<void> => page.show(<QueryClientProvider client={client}>{element}</QueryClientProvider>);
  await show(<Field text="blue" />);
  asked.calls[0]!.answer();
  await pass();
  await show(null);
  await show(<Field text="blue" fresh={false} />);
  expect(asked.calls).toHaveLength(1);
  await show(null);
  await client.invalidateQueries({ queryKey: keys.anySearch });
  await show(<Field text="blue" fresh={false} />);
  expect(asked.calls).toHaveLength(2);
});
