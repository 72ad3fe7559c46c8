import { expect, test } from "vitest";
import { ApiError, errorFrom, Unreachable, type Reason } from "../api/errors";
import { fill, type Translate } from "../i18n";
import { de } from "../i18n/de";
import { answerErrorText, errorDetails, errorText, faultText } from "./errorText";

const t: Translate = (key, values) => fill(de[key], values ?? {});

const refused = (status: number, body: object, headers?: Record<string, string>): ApiError => errorFrom(new Response(null, { status, headers }), body);

test("a refusal is told in the person's language, by its reason", () => {
  const message = "An answer is being written in this conversation.";
  expect(errorText(refused(409, { message, reason: "turn_in_progress" }), t)).toBe(de["reason.turn_in_progress"]);
  expect(errorText(new Unreachable(), t)).toBe(de["error.unreachable"]);
});

test("where a field is at fault, its reason is told, with the limit that was passed", () => {
  const faults = [{ field: "content", reason: "too_long", limit: 5 }];
  expect(errorText(refused(422, { reason: "invalid_input", faults }), t)).toBe(fill(de["fault.too_long"], { limit: 5 }));
  expect(faultText({ field: "model", reason: "unknown_model" }, t)).toBe(de["fault.unknown_model"]);
});

test("too many answers at once are not too many attempts", () => {
  const wait = { "Retry-After": "5" };
  expect(errorText(refused(429, { reason: "too_many_answers" }, wait), t)).toBe(de["reason.too_many_answers"]);
  expect(errorText(refused(429, { reason: "throttled" }, wait), t)).toBe(fill(de["reason.throttled"], { seconds: 5 }));
  expect(errorText(refused(429, {}), t)).toBe(de["error.tooMany"]);
});

test("a reason that the page does not know yet is told by its status", () => {
  const reason = "of_the_future" as Reason;
  expect(errorText(refused(418, { reason }), t)).toBe(de["reason.bad_request"]);
  expect(errorText(refused(500, { reason }), t)).toBe(de["error.server"]);
  expect(faultText({ field: "title", reason: "of_the_future" as "blank" }, t)).toBe(de["reason.invalid_input"]);
});

test("what a proxy answers has no reason", () => {
  expect(errorText(refused(502, {}), t)).toBe(de["error.server"]);
  expect(errorText(errorFrom(new Response("<html>", { status: 413 }), "<html>"), t)).toBe(de["reason.bad_request"]);
});

test("why an answer failed is told in the person's language, by its code", () => {
  expect(answerErrorText({ code: "throttled", message: "Busy." }, t)).toBe(de["answer.throttled"]);
  expect(answerErrorText({ code: "of_the_future", message: "Something new." }, t)).toBe("Something new.");
  expect(answerErrorText(undefined, t)).toBe(de["thread.status.error"]);
});

test("details of an error say what finds it in the server's log", () => {
  expect(errorDetails(refused(500, { reason: "internal", requestId: "9f86d0" }))).toBe("HTTP 500 · internal · 9f86d0");
  expect(errorDetails(refused(422, { reason: "invalid_input", faults: [{ field: "title", reason: "blank" }] }))).toBe("HTTP 422 · invalid_input · title: blank");
  expect(errorDetails(new Unreachable(new TypeError("Failed to fetch")))).toBe("TypeError: Failed to fetch");
  expect(errorDetails(refused(401, { reason: "wrong_credentials" }))).toBeUndefined();
});

test("an error of any kind says what can be done", () => {
  expect(errorText(new TypeError("x is not a function"), t)).toBe(de["error.unknown"]);
});
