// orval makes a function and a type of answer, by status, for each operation.
import * as api from "../generated/orval.ts";
import { check, eventsOf, SLOW, somebodyNew } from "./browser.ts";

/** Its own `streamMessage` waits for the whole stream; the path and the types are what is of use. */
async function stream(sessionId: string, message: api.NewTurn) {
  const answer = await fetch(api.getStreamMessageUrl(sessionId), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
  });
  if (!answer.body) throw new Error(`${answer.status}`);
  return eventsOf(answer.body);
}

function must<Answer extends { status: number }, Status extends number>(answer: Answer, status: Status) {
  if (answer.status !== status) throw new Error(JSON.stringify(answer));
  return answer as Extract<Answer, { status: Status }>;
}

must(await api.register(somebodyNew("orval")), 201);
const chat = must(await api.startChat({}), 201).data;
const turn = must(await api.sendMessage(chat.sessionId, { content: "One" }), 201).data;

let streamed = "";
let ended = "";
for await (const { event, data } of await stream(chat.sessionId, { content: "Two" })) {
  if (event === "delta") streamed += (data as api.DeltaData).text;
  if (event === "end") ended = (data as api.EndData).assistantMessage.content;
}

const paged: string[] = [];
for (let cursor: string | undefined | null; cursor !== null; ) {
  const asked = { limit: 1, ...(cursor && { cursor }) };
  const page = must(await api.listMessages(chat.conversationId, asked), 200).data;
  paged.unshift(...page.items.map((message) => message.content));
  cursor = page.nextCursor;
}

const read = must(await api.getConversation(chat.conversationId), 200);
const condition = { headers: { "If-Match": read.headers.get("ETag") ?? "" } };
const change = { tags: [...read.data.tags, "generated"] };
const changed = must(await api.updateConversation(chat.conversationId, change, condition), 200).data;
const outdated = must(await api.updateConversation(chat.conversationId, change, condition), 412).data;

const slow = must(await api.startChat({ model: SLOW }), 201).data;
const running = await stream(slow.sessionId, { content: "Slowly" });
const begun = (await running.next()).value?.data as api.StartData;
const refused = must(await api.sendMessage(slow.sessionId, { content: "At the same time" }), 409).data;
must(await api.stopAnswer(slow.sessionId), 204);
const blank = must(await api.sendMessage(chat.sessionId, { content: " " }), 422).data;

check({
  answer: turn.assistantMessage.content,
  streamed,
  ended,
  paged,
  tags: changed.tags,
  outdated: outdated.reason,
  running: {
    reason: refused.reason,
    messageId: "messageId" in refused ? refused.messageId : "",
    answer: begun.assistantMessage.id,
  },
  faults: blank.faults,
});
