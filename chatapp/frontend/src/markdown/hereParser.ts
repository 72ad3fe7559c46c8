import type { Root } from "hast";
import { treeOf, type Job } from "./tree";

/**
 * What may be slow takes as long as the number of these characters times the length of the text: each of them may begin
 * something that is looked for to the end. Measured: at most 80 ns for each of the products.
 */
const COSTLY = /[*_~[\]!$\\`<>&]/g;
const MOST_COST = 500_000; // 40 ms
const PLAIN_COST = 60; // what a text without any costs
const MOST_CODE = 100_000; // characters
const MOST_AT_ONCE = 100; // ms for all texts that are shown together

let spent = 0;

/** The tree of a text that is cheap to read; null of any other. */
export function parseHere(job: Job): Root | null {
  if (spent > MOST_AT_ONCE || !isCheap(job.text)) return null;
  if (spent === 0) setTimeout(() => (spent = 0));
  const started = performance.now();
  try {
    return treeOf(job);
  } finally {
    spent += performance.now() - started || Number.EPSILON;
  }
}

function isCheap(text: string): boolean {
  if (isCode(text)) return text.length < MOST_CODE;
  return text.length * ((text.match(COSTLY)?.length ?? 0) + PLAIN_COST) < MOST_COST;
}

/** Whether a text is fenced code and nothing after it, which is read line by line. */
function isCode(text: string): boolean {
  const fence = /^(?:`{3,}|~{3,})/.exec(text)?.[0];
  return fence !== undefined && !new RegExp(`\\n {0,3}${fence}.*\\n`).test(text.trimEnd());
}
