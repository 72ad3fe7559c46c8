/**
 * Splits Markdown into its top-level blocks, so that only the last ones are rendered again while an answer is written.
 * The ones before are complete.
 */
import { Lexer } from "marked";

/** References and footnotes connect blocks, so a text that has any is one block. */
const REFERENCE = /^ {0,3}\[[^\]\n]+\]:/m;
const OPEN = 2; // blocks at the end that more text may still change

export class BlockSplitter {
  private done: string[] = [];
  private doneLength = 0;
  private text = "";

  /** The blocks of `text`. Joined, they are the text. */
  split(text: string): string[] {
    if (REFERENCE.test(text)) return [text];
    if (!text.startsWith(this.text.slice(0, this.doneLength)) || text.length < this.doneLength) this.forget();
    this.text = text;
    const rest = lex(text.slice(this.doneLength));
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
function lex(text: string): string[] {
  const blocks: string[] = [];
  let used = 0;
  for (const token of new Lexer({ gfm: true }).blockTokens(text.replace(/\r\n|\r/g, "\n"), [])) {
    used += token.raw.length;
    if (token.type === "space" && blocks.length > 0) blocks[blocks.length - 1] += token.raw;
    else blocks.push(token.raw);
  }
  // Where the lexer changed a character (it expands some tabs), its blocks do not fit the text.
  return blocks.join("") === text ? blocks : used > 0 || text ? [text] : [];
}
