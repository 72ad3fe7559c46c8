import { expect, test } from "vitest";
import { Sessions } from "./sessions";
import { json, setUpTurns } from "./turns.fixture";

const alice = setUpTurns();
const starts = (): number => alice.server.requests.filter((path) => path === "start").length;

test.each([404, 410])("a session that has ended with %i is replaced, and the call repeated once", async (status) => {
  const sessions = new Sessions();
  const answers = [status, 200];
  const made: string[] = [];
  alice.server.answers.start = () => json({ sessionId: `session ${starts()}`, conversationId: "c" });
  const response = await sessions.call("c", async (session) => (made.push(session), json({}, answers.shift())));
  expect(response.status).toBe(200);
  expect(made).toEqual(["session 1", "session 2"]);
});

test("a conversation has one session, and a start that failed is no session", async () => {
  const sessions = new Sessions();
  alice.server.answers.start = () => json({}, 503);
  await expect(sessions.of("c")).rejects.toThrow();
  alice.server.answers.start = () => json({ sessionId: "s", conversationId: "c" });
  expect([await sessions.of("c"), await sessions.of("c")]).toEqual(["s", "s"]);
  expect(starts()).toBe(2);
});
