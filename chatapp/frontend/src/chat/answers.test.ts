import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Answers } from "./answers";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test("a piece that overlaps what is there is added without the overlap", () => {
  const answers = new Answers();
  answers.begin("c", "m", "Hello");
  answers.append("c", "lo, you", 10);
  expect(answers.get("c")?.text).toBe("Hello, you");
});

test("a piece that is already there changes nothing", () => {
  const answers = new Answers();
  answers.begin("c", "m", "Hello");
  answers.append("c", "ell", 4);
  expect(answers.get("c")?.text).toBe("Hello");
});

test("many pieces between two frames are rendered once", () => {
  const answers = new Answers();
  const render = vi.fn();
  answers.begin("c", "m", "");
  answers.subscribe("c", render);
  for (let at = 1; at <= 20; at += 1) answers.append("c", "x", at);
  expect(render).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(render).toHaveBeenCalledTimes(1);
  expect(answers.get("c")?.text).toBe("x".repeat(20));
});

test("reasoning that is told again is put in its place, and none of it twice", () => {
  const answers = new Answers();
  answers.begin("c", "m", "");
  answers.think("c", "The person ", 0);
  answers.think("c", "asks", 11);
  answers.think("c", "The person asks", 0);
  answers.think("c", " why", 15);
  expect(answers.get("c")).toMatchObject({ reasoning: "The person asks why", text: "" });
});

test("how long it thinks is counted from the first thought to the first word", () => {
  const answers = new Answers();
  answers.begin("c", "m", "");
  vi.advanceTimersByTime(1000); // until the model has been loaded
  answers.think("c", "Well", 0);
  const { thinkingSince } = answers.get("c")!;
  expect(thinkingSince).toBe(Date.now());
  vi.advanceTimersByTime(3000);
  answers.think("c", ", yes", 4);
  expect(answers.get("c")).toMatchObject({ thinkingSince, thoughtMs: null });
  answers.append("c", "Yes", 3);
  vi.advanceTimersByTime(3000);
  answers.append("c", ".", 4);
  expect(answers.get("c")?.thoughtMs).toBe(3000);
});

test("where the model was thinking before this page came, it is counted from then", () => {
  const answers = new Answers();
  answers.begin("c", "m", "", Date.now() - 30_000);
  answers.think("c", "Well", 0);
  answers.append("c", "Yes", 3);
  expect(answers.get("c")?.thoughtMs).toBe(30_000);
});
