import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { beforeEach, expect, test, vi } from "vitest";
import { emptyPage } from "../ui/page.fixture";
import { useHits } from "./useHits";

const asked = vi.hoisted(() => ({ calls: [] as { q: string; insideWords: boolean; signal: AbortSignal; answer(total?: number): void }[] }));

vi.mock("../api/client", () => ({
  unwrap: (call: Promise<{ data: unknown }>) => call.then(({ data }) => data),
  api: {
    GET: (_: string, { params, signal }: { params: { query: { q: string; insideWords: boolean } }; signal: AbortSignal }) =>
      new Promise((resolve) => {
        const { q, insideWords } = params.query;
        asked.calls.push({ q, insideWords, signal, answer: (total = 1) => resolve({ data: { items: total ? [{ messageId: q }] : [], nextCursor: null, total, complete: true, behind: 0, conversations: null } }) });
      }),
  },
}));

const page = emptyPage();
let found: ReturnType<typeof useHits>;

beforeEach(() => {
  asked.calls.length = 0;
});

function Field({ text }: { text: string }): null {
  found = useHits(text, "newest");
  return null;
}

const pass = (): Promise<unknown> => page.wait(50);
const shown = (): (string | null)[] => found.hits.map((hit) => hit.messageId);

function typing(): (text: string) => Promise<void> {
  const client = new QueryClient();
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
