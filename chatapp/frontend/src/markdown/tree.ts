/** Reads Markdown into a tree of elements. Runs in the page for what is cheap, in a worker for the rest. */
import type { Element, Nodes, Root } from "hast";
import type { Html, Parents } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { mathFromMarkdown, type InlineMath, type Math } from "mdast-util-math";
import { toHast, type Handlers } from "mdast-util-to-hast";
import { cjkFriendlyExtension } from "micromark-extension-cjk-friendly";
import { gfm } from "micromark-extension-gfm";
import { formulaSyntax } from "./formulaSyntax";
import { linkSyntax } from "./linkSyntax";
import { readPhrasing } from "./phrasing";

export interface Job {
  text: string;
  /** A line that ends stays a line that ends. */
  lineBreaks: boolean;
}

const MOST_NODES = 10_000; // the page shows these within a few hundred ms
const FORMULA_NODES = 20; // at least, and one for each of its characters
const WORDY = 40; // characters of a cell that needs a wide column
const DEEPEST = 100; // quotes in quotes

// What looks like HTML is text. As a block of its own, it would also keep Markdown within it from being read.
const noHtmlBlocks = { disable: { null: ["htmlFlow"] } };
const extensions = [gfm({ singleTilde: false }), cjkFriendlyExtension(), linkSyntax, formulaSyntax, noHtmlBlocks];
const mdastExtensions = [gfmFromMarkdown(), mathFromMarkdown()];

const formula = (value: string, displayed: boolean): Element => ({
  type: "element",
  tagName: "formula",
  properties: { displayed },
  children: [{ type: "text", value }],
});
const handlers = (text: string): Handlers => ({
  html: (_, { value }: Html) => ({ type: "text", value }),
  math: (_, { value }: Math) => formula(value, true),
  /** Two dollars, with nothing else in the paragraph, are meant to stand alone. */
  inlineMath: (_, { value, position }: InlineMath, parent: Parents | undefined) =>
    formula(value, parent?.type === "paragraph" && parent.children.length === 1 && text.startsWith("$$", position!.start.offset)),
});

/** The elements of a text, or null where it would become too many for the page. */
export function treeOf({ text, lineBreaks }: Job): Root | null {
  try {
    const markdown = fromMarkdown(text, { extensions, mdastExtensions });
    readPhrasing(markdown, lineBreaks);
    const tree = toHast(markdown, { handlers: handlers(text) }) as Root;
    prepare(tree, { nodes: 0, characters: 0 }, 0);
    return tree;
  } catch (error) {
    if (error instanceof RangeError) return null; // ours, or too deep a recursion
    throw error;
  }
}

type Direction = "ltr" | "rtl" | undefined;

/** What holds text takes its direction from it. What holds such elements takes that of the first word in them. */
const OF_TEXT = /^(?:p|h[1-6]|t[hd])$/;
const OF_ELEMENTS = /^(?:ul|ol|li|blockquote|table)$/;
const UNREAD = /^(?:pre|code|formula)$/; // left to right in any language
const STRONG = /([\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])|\p{L}/u;

/**
 * Sets directions, marks cells with much text, drops positions, and counts. Returns the direction of the first word.
 * @throws RangeError where the tree is too large.
 */
function prepare(node: Nodes, count: { nodes: number; characters: number }, depth: number): Direction {
  const tag = node.type === "element" ? node.tagName : "";
  const before = count.characters;
  count.nodes += 1;
  if (count.nodes > MOST_NODES || depth > DEEPEST) throw new RangeError("The tree is too large.");
  delete node.position;
  if (node.type === "text") {
    count.characters += node.value.length;
    return directionOf(node.value);
  }
  if (!("children" in node)) return undefined;
  let first: Direction;
  for (const child of node.children) {
    const direction = prepare(child, count, depth + 1);
    first ??= direction;
  }
  const characters = count.characters - before;
  if (tag === "formula") count.nodes += FORMULA_NODES + characters;
  if (tag === "td" && characters > WORDY) (node as Element).properties.className = ["wordy"];
  if (OF_TEXT.test(tag)) (node as Element).properties.dir = "auto";
  if (OF_ELEMENTS.test(tag)) (node as Element).properties.dir = first ?? "auto";
  return UNREAD.test(tag) ? undefined : first;
}

function directionOf(text: string): Direction {
  const strong = STRONG.exec(text);
  return strong ? (strong[1] ? "rtl" : "ltr") : undefined;
}
