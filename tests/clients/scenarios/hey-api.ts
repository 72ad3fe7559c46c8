// @hey-api/openapi-ts makes a function for each operation, on a fetch client that it generates too.
import { client } from "../generated/hey-api/client.gen.ts";
import * as api from "../generated/hey-api/index.ts";
import { check, SERVER, SLOW, somebodyNew } from "./browser.ts";

client.setConfig({ baseUrl: SERVER, fetch: globalThis.fetch });
const throwing = { throwOnError: true } as const;

type Told = { event?: string; data: unknown };

/** Follows a turn. What the types call `data` is what has been parsed from it. */
async function follow(sessionId: string, content: string, onEvent: (told: Told) => void | Promise<void>) {
  const told: Told[] = [];
  const { stream } = await api.streamMessage({
    path: { sessionId },
    body: { content },
    sseMaxRetryAttempts: 1,
    onSseEvent: (event) => told.push(event),
  });
  for await (const _ of stream) for (const each of told.splice(0)) await onEvent(each);
}

await api.register({ body: somebodyNew("hey-api"), ...throwing });
const { data: chat } = await api.startChat({ body: {}, ...throwing });
const path = { sessionId: chat.sessionId };
const conversation = { conversationId: chat.conversationId };

const { data: turn } = await api.sendMessage({ path, body: { content: "One" }, ...throwing });

let streamed = "";
let ended = "";
await follow(chat.sessionId, "Two", ({ event, data }) => {
  if (event === "delta") streamed += (data as api.DeltaData).text;
  if (event === "end") ended = (data as api.EndData).assistantMessage.content;
});

const paged: string[] = [];
for (let cursor: string | undefined | null; cursor !== null; ) {
  const query = { limit: 1, ...(cursor && { cursor }) };
  const { data: page } = await api.listMessages({ path: conversation, query, ...throwing });
  paged.unshift(...page.items.map((message) => message.content));
  cursor = page.nextCursor;
}

const read = await api.getConversation({ path: conversation, ...throwing });
const change = {
  path: conversation,
  headers: { "If-Match": read.response.headers.get("ETag") ?? "" },
  body: { tags: [...read.data.tags, "generated"] },
};
const { data: changed } = await api.updateConversation({ ...change, ...throwing });
const { error: outdated } = await api.updateConversation(change);

const { data: slow } = await api.startChat({ body: { model: SLOW }, ...throwing });
let refused: api.SendMessageErrors[keyof api.SendMessageErrors] | undefined;
let answer = "";
await follow(slow.sessionId, "Slowly", async ({ event, data }) => {
  if (event !== "start") return;
  answer = (data as api.StartData).assistantMessage.id;
  const again = await api.sendMessage({ path: { sessionId: slow.sessionId }, body: { content: "At the same time" } });
  refused = again.error;
  await api.stopAnswer({ path: { sessionId: slow.sessionId } });
});
const { error: blank } = await api.sendMessage({ path, body: { content: " " } });

check({
  answer: turn.assistantMessage.content,
  streamed,
  ended,
  paged,
  tags: changed.tags,
  outdated: outdated?.reason ?? "",
  running: {
    reason: refused?.reason ?? "",
    messageId: refused && "messageId" in refused ? refused.messageId : "",
    answer,
  },
  faults: blank && "faults" in blank ? blank.faults : [],
});
