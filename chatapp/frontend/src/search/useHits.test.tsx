import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, test, vi } from "vitest";
import { I18nProvider } from "../i18n";
import { en } from "../i18n/en";
import { useHits } from "./useHits";

const asked = vi.hoisted(() => ({ calls: [] as { q: string; signal: AbortSignal; answer(): void }[] }));

vi.mock("../api/client", () => ({
  unwrap: (call: Promise<unknown>) => call,
  api: {
    GET: (_: string, { params, signal }: { params: { query: { q: string } }; signal: AbortSignal }) =>
      new Promise((resolve) => {
        const { q } = params.query;
        asked.calls.push({ q, signal, answer: () => resolve({ items: [{ messageId: q }], nextCursor: null, total: 1, complete: true, behind: 0 }) });
      }),
  },
}));

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("an older request is aborted and its answer ignored, and the last results stay until there are new ones", async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers();
  let found!: ReturnType<typeof useHits>;
  const Field = ({ text }: { text: string }): null => {
    found = useHits(text, "newest");
    return null;
  };
  const client = new QueryClient();
  const root = createRoot(document.createElement("div"));
  const pass = (): Promise<unknown> => act(() => vi.advanceTimersByTimeAsync(50));
  const type = async (text: string): Promise<void> => {
    await act(async () => root.render(<QueryClientProvider client={client}><I18nProvider initial={{ language: "en", catalogue: en }}><Field text={text} /></I18nProvider></QueryClientProvider>));
    await pass();
  };
  const shown = (): (string | null)[] => found.hits.map((hit) => hit.messageId);

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
  await act(async () => root.unmount());
});
