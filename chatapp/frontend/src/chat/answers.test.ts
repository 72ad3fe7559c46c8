import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Answers } from "./answers";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test("a piece that overlaps what is there is added without its beginning", () => {
  const answers = new Answers();
  answers.begin("c", "m", "Hello");
  answers.append("c", "lo, you", 10);
  expect(answers.get("c")?.text).toBe("Hello, you");
});

test("a piece that is known already changes nothing", () => {
  const answers = new Answers();
  answers.begin("c", "m", "Hello");
  answers.append("c", "ell", 4);
  expect(answers.get("c")?.text).toBe("Hello");
});

test("many pieces between two frames are drawn once", () => {
  const answers = new Answers();
  const drawn = vi.fn();
  answers.begin("c", "m", "");
  answers.subscribe("c", drawn);
  for (let at = 1; at <= 20; at += 1) answers.append("c", "x", at);
  expect(drawn).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(drawn).toHaveBeenCalledTimes(1);
  expect(answers.get("c")?.text).toBe("x".repeat(20));
});
