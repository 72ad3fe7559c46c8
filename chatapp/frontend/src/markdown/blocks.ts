/**
 * Splits Markdown into its top-level blocks, so that only the last ones are rendered again while an answer is written.
 * The ones before are complete. Where it is not certain that a block ends, it goes on: a block too large costs time,
 * one cut in two shows something else than was written.
 */

/** References and footnotes connect blocks, so a text that has any is one block. */
const REFERENCE = /^ {0,3}\[[^\]\n]+\]:/m;
const OPEN = 2; // blocks at the end that more text may still change

const FENCE = /^(`{3,})[^`]*$|^(~{3,})/;
const HEADING = /^#{1,6}(?:[ \t]|$)/;
const LIST_ITEM = /^(?:[-+*]|\d{1,9}[.)])(?:[ \t]|$)/;

export class BlockSplitter {
  private done: string[] = [];
  private doneLength = 0;
  private text = "";

  /** The blocks of `text`. Joined, they are the text. */
  split(text: string): string[] {
    if (REFERENCE.test(text)) return [text];
    if (!text.startsWith(this.text.slice(0, this.doneLength)) || text.length < this.doneLength) this.forget();
    this.text = text;
    const rest = blocksOf(text.slice(this.doneLength));
    const closed = rest.slice(0, Math.max(0, rest.length - OPEN));
    const blocks = [...this.done, ...rest];
    this.done = [...this.done, ...closed];
    this.doneLength += closed.reduce((sum, block) => sum + block.length, 0);
    return blocks;
  }

  private forget(): void {
    this.done = [];
    this.doneLength = 0;
  }
}

/** Each block with the blank lines after it. */
function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let block = "";
  let afterBlank = false;
  let fence = ""; // what has to close the code that is open
  let afterCode = false;
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
    const words = line.trimEnd();
    if (!fence && block && words && (afterCode || begins(words, block, afterBlank))) {
      blocks.push(block);
      block = "";
    }
    block += line;
    afterBlank = !words;
    if (fence) {
      afterCode = closes(words, fence);
      if (afterCode) fence = "";
    } else if (words) {
      const opened = FENCE.exec(words);
      fence = opened?.[1] ?? opened?.[2] ?? "";
      afterCode = false;
    }
  }
  return block ? [...blocks, block] : blocks;
}

/** Whether a block begins with a line. Lists take in what is indented, and further items. */
function begins(line: string, block: string, afterBlank: boolean): boolean {
  if (FENCE.test(line) || HEADING.test(line)) return true;
  return afterBlank && /^\S/.test(line) && !(LIST_ITEM.test(line) && LIST_ITEM.test(block));
}

function closes(line: string, fence: string): boolean {
  return new RegExp(`^ {0,3}${fence}${fence[0]}*$`).test(line);
}
