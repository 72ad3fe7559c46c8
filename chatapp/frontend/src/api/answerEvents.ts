/** Reads the events of an answer (`start`, `reasoning`, `delta`, `title`, `end`) from a response body. */
import { createParser } from "eventsource-parser";
import type { Message } from "./types";

export type AnswerEvent =
  | { type: "start"; userMessage: Message | null; assistantMessage: Message }
  /** `end` is the length of the answer so far in UTF-16 code units, this piece included. */
  | { type: "delta"; text: string; end: number | null }
  /** `at` is where the piece begins in all of the reasoning, in UTF-16 code units. */
  | { type: "reasoning"; text: string; at: number }
  | { type: "title"; title: string }
  | { type: "end"; assistantMessage: Message };

const SILENCE = 40_000; // ms without a byte; the server sends at least a comment every 15 s

/** The events in the order they arrive. Unknown ones are skipped. Ends with the connection. */
export async function* answerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<AnswerEvent> {
  const ready: AnswerEvent[] = [];
  const parser = createParser({
    onEvent: ({ event, id, data }) => {
      const known = toAnswerEvent(event, id, data);
      if (known) ready.push(known);
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const dead = setTimeout(() => void reader.cancel(), SILENCE); // ends the read; the caller reconnects
      const { done, value } = await reader.read().finally(() => clearTimeout(dead));
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      yield* ready.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined); // the connection is already gone
  }
}

function toAnswerEvent(event: string | undefined, id: string | undefined, data: string): AnswerEvent | null {
  const fields = JSON.parse(data) as Record<string, unknown>;
  switch (event) {
    case "start":
      return { type: "start", ...(fields as { userMessage: Message | null; assistantMessage: Message }) };
    case "delta":
      return { type: "delta", text: String(fields.text ?? ""), end: id ? Number(id) : null };
    case "reasoning":
      return { type: "reasoning", text: String(fields.text ?? ""), at: Number(fields.at ?? 0) };
    case "title":
      return { type: "title", title: String(fields.title ?? "") };
    case "end":
      return { type: "end", assistantMessage: fields.assistantMessage as Message };
    default:
      return null;
  }
}
