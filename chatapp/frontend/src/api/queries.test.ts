import { InfiniteQueryObserver, QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { changeConversation, dropFromList, putConversation, putMessage } from "./cache";
import { refreshConversation, saveConversation } from "./conversations";
import { EMPTY, type History } from "./history";
import { keys } from "./keys";
import { conversationQuery, conversationsQuery, messagesQuery, refreshMessages } from "./queries";
import type { Conversation, Message } from "./types";

const question = { id: "q", conversationId: "c", parentId: null, role: "user", content: "" } as Message;
const tea = { id: "c", title: "Tea", pinned: false } as Conversation;
const listPage = (...items: Conversation[]): object => ({ items, nextCursor: null });
const messagePage = (...items: Message[]): object => ({ items, nextCursor: null });

/** The requests in the order in which they were made. Each gets its response when the test says so. */
let requests: { method: string; url: string; respond(body: object): void }[];
let queries: QueryClient;

beforeEach(() => {
  requests = [];
  queries = new QueryClient();
  vi.stubGlobal(
    "fetch",
    ({ method, url }: Request) =>
      new Promise<Response>((resolve) => requests.push({ method, url, respond: (body) => resolve(new Response(JSON.stringify(body))) })),
  );
});
afterEach(() => vi.unstubAllGlobals());

async function request(at: number): Promise<(typeof requests)[number]> {
  await vi.waitFor(() => expect(requests.length).toBeGreaterThan(at));
  return requests[at]!;
}

const ids = (items: readonly { id: string }[] | undefined): string[] | undefined => items?.map(({ id }) => id);
const shownMessages = () => ids(queries.getQueryData<History>(keys.messages("c"))?.items);
const shownList = () => ids(queries.getQueryData(conversationsQuery.queryKey)?.pages.flatMap((page) => page.items));

test("a page that was requested before a message was put does not remove it", async () => {
  queries.setQueryData<History>(keys.messages("c"), EMPTY);
  const refreshed = refreshMessages(queries, "c");
  const early = await request(0);
  putMessage(queries, question);
  early.respond(messagePage());
  (await request(1)).respond(messagePage(question));
  expect(ids((await refreshed).items)).toEqual(["q"]);
});

test("the first page of a conversation that was requested before a message was put does not hide it", async () => {
  const loaded = queries.fetchQuery(messagesQuery("c"));
  const early = await request(0);
  putMessage(queries, question);
  early.respond(messagePage());
  (await request(1)).respond(messagePage(question));
  await loaded;
  expect(shownMessages()).toEqual(["q"]);
});

test("of two requests for messages the last one wins, however late the first is answered", async () => {
  const first = refreshMessages(queries, "c");
  const early = await request(0);
  const second = refreshMessages(queries, "c");
  (await request(1)).respond(messagePage(question));
  await second;
  early.respond(messagePage());
  expect(ids((await first).items)).toEqual(["q"]);
  expect(shownMessages()).toEqual(["q"]);
});

test("a list that was requested before a conversation came or went undoes neither", async () => {
  const coffee = { ...tea, id: "d" };
  queries.setQueryData(conversationsQuery.queryKey, { pages: [{ items: [tea], nextCursor: null }], pageParams: [null] });
  const loaded = queries.fetchInfiniteQuery({ ...conversationsQuery, staleTime: 0 });
  const early = await request(0);
  putConversation(queries, coffee);
  dropFromList(queries, "c");
  expect(shownList()).toEqual(["d"]);
  early.respond(listPage(tea));
  (await request(1)).respond(listPage(tea));
  await new Promise((resolve) => setTimeout(resolve));
  expect(shownList()).toEqual(["d"]);
  (await request(2)).respond(listPage(coffee));
  await loaded;
  expect(shownList()).toEqual(["d"]);
});

test("the next page of the list comes although a conversation changes meanwhile", async () => {
  queries.setQueryData(conversationsQuery.queryKey, { pages: [{ items: [tea], nextCursor: "more" }], pageParams: [null] });
  const more = new InfiniteQueryObserver(queries, conversationsQuery).fetchNextPage();
  const early = await request(0);
  changeConversation(queries, "c", { title: "Green tea" });
  const late = await request(1);
  expect(late.url).toContain("cursor=more");
  early.respond(listPage({ ...tea, id: "older" }));
  late.respond(listPage({ ...tea, id: "old" }));
  await more;
  expect(shownList()).toEqual(["c", "old"]);
});

test("a conversation that was requested before it changed does not change back", async () => {
  const refreshed = refreshConversation(queries, "c");
  const early = await request(0);
  changeConversation(queries, "c", { title: "Green tea" });
  early.respond(tea);
  (await request(1)).respond({ ...tea, title: "Green tea" });
  expect((await refreshed).title).toBe("Green tea");
});

test("two changes of a conversation reach the server one after the other, and the last one stays", async () => {
  queries.setQueryData(keys.conversation("c"), tea);
  const saved = [saveConversation(queries, "c", { title: "Green tea" }), saveConversation(queries, "c", { title: "Black tea" })];
  const first = await request(0);
  await new Promise((resolve) => setTimeout(resolve));
  expect(requests).toHaveLength(1);
  first.respond({ ...tea, title: "Green tea" });
  for (let at = 1; at < 4 && requests.length < 4; at += 1) (await request(at)).respond({ ...tea, title: "Black tea" });
  await Promise.all(saved);
  expect(requests.filter(({ method }) => method === "PATCH")).toHaveLength(2);
  expect(queries.getQueryData(conversationQuery("c").queryKey)?.title).toBe("Black tea");
});
