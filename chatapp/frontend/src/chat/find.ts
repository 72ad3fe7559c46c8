/** Finding words in messages. Letter case, accents, kinds of white space and the marks of Markdown make no difference. */
import type { Message } from "../api/types";

const folded = new WeakMap<Message, string>();

const TOO_MANY_MARKS = /(\p{M}{16})\p{M}+/gu; // no letter has so many, and putting 100,000 in order takes seconds

export function fold(text: string): string {
  return text.replace(TOO_MANY_MARKS, "$1").normalize("NFD").replace(/[*_`~\p{Mn}]/gu, "").replace(/\s/g, " ").toLowerCase();
}

/** The ids of the messages that have the words, the oldest first. */
export function found(messages: readonly Message[], words: string): readonly string[] {
  const wanted = fold(words);
  if (!wanted.trim()) return [];
  return messages.filter((message) => foldedOnce(message).includes(wanted)).map(({ id }) => id);
}

function foldedOnce(message: Message): string {
  const known = folded.get(message) ?? fold(message.content);
  folded.set(message, known);
  return known;
}

/** Where the words are in what is shown of a message. */
export function rangesIn(row: Element, words: string): Range[] {
  const wanted = fold(words);
  if (!wanted.trim()) return [];
  return [...row.querySelectorAll(".bubble, .message-text")].flatMap((part) => {
    const { text, places } = shownText(part);
    const ranges: Range[] = [];
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      const [first, last] = [places[at]!, places[at + wanted.length - 1]!];
      const range = new Range();
      range.setStart(first.node, first.offset);
      range.setEnd(last.node, last.offset + 1);
      ranges.push(range);
    }
    return ranges;
  });
}

const IN_A_WORD = /[\p{Script=Latin}\p{N}]/u;

/** Where any of the words is: at the beginnings of words, or else within them. */
export function rangesOfWords(row: Element, words: readonly string[]): Range[] {
  return words.flatMap((word) => {
    const ranges = rangesIn(row, word);
    const begins = ranges.filter(({ startContainer, startOffset }) => !IN_A_WORD.test((startContainer as Text).data[startOffset - 1] ?? ""));
    return begins.length > 0 ? begins : ranges;
  });
}

/** The folded text of an element, and for each of its characters where that is. */
function shownText(part: Element) {
  const places: { node: Text; offset: number }[] = [];
  let text = "";
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    for (let offset = 0; offset < node.data.length; offset += 1) {
      const letter = node.data[offset]!;
      const small = fold(letter);
      text += small;
      for (let at = 0; at < small.length; at += 1) places.push({ node, offset });
    }
  }
  return { text, places };
}
