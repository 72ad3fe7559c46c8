import { QueryClient } from "@tanstack/react-query";
import { expect, test } from "vitest";
import { changeConversation, listedConversations, putConversation, putMessage, showDownTo } from "./cache";
import type { History, Stretch } from "./history";
import { keys } from "./keys";
import { listQuery } from "./queries";
import type { Conversation, ListFilter, Message } from "./types";

const conversation = (id: string, fields: Partial<Conversation> = {}): Conversation =>
  ({ id, title: id, tags: [], projectId: null, archived: false, temporary: false, trashedAt: null, ...fields }) as Conversation;

function withLists(...lists: [ListFilter, Conversation[]][]) {
  const queries = new QueryClient();
  for (const [filter, items] of lists) {
    queries.setQueryData(listQuery(filter).queryKey, { pages: [{ items, nextCursor: null }], pageParams: [null] });
  }
  const ids = (filter: ListFilter) => queries.getQueryData(listQuery(filter).queryKey)?.pages.flatMap((page) => page.items).map(({ id }) => id);
  return { queries, ids };
}

test("a conversation that is moved leaves the list of its project and comes into that of the other", () => {
  const tea = conversation("tea", { projectId: "drinks" });
  const { queries, ids } = withLists([{}, [tea]], [{ projectId: "drinks" }, [tea]], [{ projectId: "plants" }, []]);
  changeConversation(queries, "tea", { projectId: "plants" });
  expect([ids({}), ids({ projectId: "drinks" }), ids({ projectId: "plants" })]).toEqual([["tea"], [], ["tea"]]);
});

test("a conversation is in the list of a tag as long as it has the tag and is not archived", () => {
  const { queries, ids } = withLists([{}, []], [{ tag: "hot" }, []]);
  putConversation(queries, conversation("tea", { tags: ["hot"] }));
  putConversation(queries, conversation("juice", { tags: ["cold"] }));
  expect([ids({}), ids({ tag: "hot" })]).toEqual([["juice", "tea"], ["tea"]]);
  putConversation(queries, conversation("tea", { tags: ["hot"], archived: true }));
  expect([ids({}), ids({ tag: "hot" })]).toEqual([["juice"], []]);
});

test("a conversation that several lists hold is one", () => {
  const tea = conversation("tea", { tags: ["hot"] });
  const { queries } = withLists([{}, [tea]], [{ tag: "hot" }, [tea]]);
  expect(listedConversations(queries, new Set(["tea", "gone"]))).toEqual([tea]);
});

test("what begins at a message far back begins where it is shown, not at the end of the conversation", () => {
  const message = (id: string, parentId: string | null) => ({ id, parentId, conversationId: "c" }) as Message;
  const queries = new QueryClient();
  const shown = () => queries.getQueryData<History>(keys.messages("c"))!.items.map(({ id }) => id).join("");
  queries.setQueryData<History>(keys.messages("c"), { items: [message("y", "x"), message("z", "y")], olderCursor: "newest" });
  queries.setQueryData<Stretch>(keys.around("c", "b"), { items: [message("a", null), message("b", "a"), message("c", "b")], olderCursor: null, newerCursor: "more" });
  showDownTo(queries, "c", "z");
  expect(shown()).toBe("yz");
  showDownTo(queries, "c", "b");
  expect(shown()).toBe("ab");
  putMessage(queries, message("edited", "a"));
  expect(shown()).toBe("aedited");
});
