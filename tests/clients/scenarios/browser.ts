// What a browser does for every client: it keeps the session cookie, and knows which server a path belongs to.
import { strict as assert } from "node:assert";
import { createParser, type EventSourceMessage } from "eventsource-parser";

export const SERVER = process.env.SERVER ?? "";
export const SLOW = process.env.SLOW_MODEL ?? "";

let cookie = "";
const send = globalThis.fetch;

globalThis.fetch = async (input, init) => {
  const request = new Request(typeof input === "string" ? new URL(input, SERVER) : input, init);
  request.headers.set("Cookie", cookie);
  const answer = await send(request);
  cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? cookie;
  return answer;
};

export function somebodyNew(client: string) {
  return { email: `${client}-${crypto.randomUUID()}@example.org`, password: "correct horse battery staple" };
}

/** What `JSON.parse` makes of the data of each event, with its name. */
export async function* eventsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: unknown }> {
  const heard: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => heard.push(event) });
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    for (const event of heard.splice(0)) yield { event: event.event ?? "", data: JSON.parse(event.data) };
  }
}

/** All that is the same for every client: what a scenario has seen at its end. */
export function check(seen: {
  answer: string;
  streamed: string;
  ended: string;
  paged: string[];
  tags: string[];
  outdated: string;
  running: { reason: string; messageId: string; answer: string };
  faults: { field: string; reason: string }[];
}) {
  assert.ok(seen.answer.length > 0);
  assert.ok(seen.streamed.length > 0);
  assert.equal(seen.streamed, seen.ended);
  assert.deepEqual(seen.paged, ["One", seen.answer, "Two", seen.streamed]);
  assert.deepEqual(seen.tags, ["generated"]);
  assert.equal(seen.outdated, "precondition_failed");
  assert.equal(seen.running.reason, "turn_in_progress");
  assert.equal(seen.running.messageId, seen.running.answer);
  assert.deepEqual(seen.faults, [{ field: "content", reason: "blank" }]);
}
