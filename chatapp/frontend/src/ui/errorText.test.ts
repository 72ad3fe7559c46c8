import { expect, test } from "vitest";
import { ApiError } from "../api/errors";
import { de } from "../i18n/de";
import type { Translate } from "../i18n";
import { answerErrorText, errorText, said } from "./errorText";

const t: Translate = (key) => de[key];

test("a refusal is said in the person's language", () => {
  expect(errorText(new ApiError(409, "An answer is being written in this conversation."), t)).toBe(de["refused.inProgress"]);
  expect(errorText(new ApiError(422, "The request is not valid.", { model: ["There is no such model."] }), t)).toBe(de["refused.model"]);
});

test("too many answers at once are not too many attempts", () => {
  const message = "Too many answers are being written for you at once. Wait for one to end.";
  expect(errorText(new ApiError(429, message, {}, 5), t)).toBe(de["refused.tooMany"]);
  expect(errorText(new ApiError(429, "Too many attempts. Wait a while and try again.", {}, 5), t)).toBe(de["auth.tooMany"]);
});

test("a sentence that is not known stays as the server said it", () => {
  expect(said("The moon is full.", t)).toBe("The moon is full.");
  expect(errorText(new ApiError(418, "I am a teapot."), t)).toBe("I am a teapot.");
});

test("why an answer failed is said in the person's language, by its code", () => {
  expect(answerErrorText({ code: "throttled", message: "Busy." }, t)).toBe(de["answer.throttled"]);
  expect(answerErrorText({ code: "of_the_future", message: "Something new." }, t)).toBe("Something new.");
  expect(answerErrorText(undefined, t)).toBe(de["thread.status.error"]);
});
