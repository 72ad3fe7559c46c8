// openapi-typescript makes types; openapi-fetch, from the same project, calls with them.
import createClient from "openapi-fetch";
import type { components, paths } from "../generated/openapi-typescript.ts";
import { check, eventsOf, SERVER, SLOW, somebodyNew } from "./browser.ts";

type Events = {
  start: components["schemas"]["StartData"];
  delta: components["schemas"]["DeltaData"];
  end: components["schemas"]["EndData"];
};

const api = createClient<paths>({ baseUrl: SERVER });

function must<Data>(result: { data?: Data; error?: unknown }): Data {
  if (result.data === undefined) throw new Error(JSON.stringify(result.error));
  return result.data;
}

async function stream(sessionId: string, content: string) {
  const result = await api.POST("/api/chat/{sessionId}/message/stream", {
    params: { path: { sessionId } },
    body: { content },
    parseAs: "stream",
  });
  return eventsOf(must(result) as ReadableStream<Uint8Array>);
}

must(await api.POST("/api/auth/register", { body: somebodyNew("openapi-typescript") }));
const { sessionId, conversationId } = must(await api.POST("/api/chat/start", { body: {} }));
const session = { params: { path: { sessionId } } };
const conversation = { params: { path: { conversationId } } };

const turn = must(await api.POST("/api/chat/{sessionId}/message", { ...session, body: { content: "One" } }));

let streamed = "";
let ended = "";
for await (const { event, data } of await stream(sessionId, "Two")) {
  if (event === "delta") streamed += (data as Events["delta"]).text;
  if (event === "end") ended = (data as Events["end"]).assistantMessage.content;
}

const paged: string[] = [];
for (let cursor: string | undefined | null; cursor !== null; ) {
  const query = { limit: 1, ...(cursor && { cursor }) };
  const page = must(
    await api.GET("/api/conversations/{conversationId}/messages", { params: { path: { conversationId }, query } }),
  );
  paged.unshift(...page.items.map((message) => message.content));
  cursor = page.nextCursor;
}

const read = await api.GET("/api/conversations/{conversationId}", conversation);
const change = {
  params: { path: { conversationId }, header: { "If-Match": read.response.headers.get("ETag") ?? "" } },
  body: { tags: [...must(read).tags, "generated"] },
};
const changed = must(await api.PATCH("/api/conversations/{conversationId}", change));
const outdated = await api.PATCH("/api/conversations/{conversationId}", change);

const slow = must(await api.POST("/api/chat/start", { body: { model: SLOW } }));
const running = await stream(slow.sessionId, "Slowly");
const begun = (await running.next()).value?.data as Events["start"];
const refused = await api.POST("/api/chat/{sessionId}/message", {
  params: { path: { sessionId: slow.sessionId } },
  body: { content: "At the same time" },
});
await api.POST("/api/chat/{sessionId}/stop", { params: { path: { sessionId: slow.sessionId } } });
const blank = await api.POST("/api/chat/{sessionId}/message", { ...session, body: { content: " " } });

check({
  answer: turn.assistantMessage.content,
  streamed,
  ended,
  paged,
  tags: changed.tags,
  outdated: outdated.error?.reason ?? "",
  running: {
    reason: refused.error?.reason ?? "",
    messageId: refused.error && "messageId" in refused.error ? refused.error.messageId : "",
    answer: begun.assistantMessage.id,
  },
  faults: blank.error && "faults" in blank.error ? blank.error.faults : [],
});
