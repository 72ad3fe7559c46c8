import { expect, test } from "vitest";
import { fold, found, rangesIn, rangesOfWords } from "./find";
import { message } from "./turns.fixture";

test("words are found whatever their case, and across Markdown's marks and ends of lines", () => {
  const messages = [message("1", { content: "Some **bold** Words" }), message("2", { content: "no such" }), message("3", { content: "BOLD\nwords" })];
  expect(found(messages, "bold words")).toEqual(["1", "3"]);
  expect(found(messages, " ")).toEqual([]);
  expect(found(messages, "")).toEqual([]);
});

test("marks without end on one letter do not hold up the page", () => {
  const began = performance.now();
  expect(fold(`à b${"\u0301\u0316".repeat(50_000)} c`)).toBe("a b c");
  expect(performance.now() - began).toBeLessThan(500); // it took 2 s
});

test("what is found is marked in what is shown, also where it is in several elements", () => {
  const row = document.createElement("article");
  row.innerHTML = `<h2>bold words</h2><div class="message-text"><p>Some <b>BOLD</b> words, İstanbul and bold words</p></div>`;
  expect(rangesIn(row, "bold words").map(String)).toEqual(["BOLD words", "bold words"]);
  expect(rangesIn(row, "nothing")).toEqual([]);
});

test("several words are marked wherever they begin, with or without accents, or else within words", () => {
  const row = document.createElement("article");
  row.innerHTML = `<div class="message-text">Whisky under a blue sky, Skýline of Cafés, getUserName</div>`;
  expect(rangesOfWords(row, ["sky", "cafe"]).map(String)).toEqual(["sky", "Ský", "Café"]);
  expect(rangesOfWords(row, ["name"]).map(String)).toEqual(["Name"]);
});
