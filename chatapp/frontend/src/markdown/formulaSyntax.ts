/**
 * Language models write formulas as \( \), \[ \], $ $ and $$ $$. Which of these are formulas is decided while Markdown
 * is read, so that code, lists, quotes and tables stay what they are, and "between $5 and $10" stays money.
 */
import { math } from "micromark-extension-llm-math";
import type { Code, Construct, Extension, State, Tokenizer } from "micromark-util-types";

const DOLLAR = 36;
const BACKSLASH = 92;
const LONGEST = 5000; // characters of a formula

const LOOKS_LIKE_MATH = /[\\^_={}]|^[a-zA-Z](?:\([^()]*\))?$/;

/** Whether what was read so far is a formula; undefined where more has to be read. `next` is the next character, or "". */
type Decision = (seen: string, next: string) => boolean | undefined;

const inDollars: Decision = (seen, next) => {
  if (seen.length < 2 || !seen.endsWith("$")) return undefined;
  const formula = seen.slice(1, -1);
  if (/^\s|[\s\\]$|\n/.test(formula) || /[\d$_{(]/.test(next) || !LOOKS_LIKE_MATH.test(formula)) return false;
  return !/[a-zA-Z]/.test(next) || /^[a-zA-Z]$|[\\^]/.test(formula); // the $n$th, but not $HOME_DIR/$USER
};
const inBrackets: Decision = (seen) => {
  if (seen.length < 2) return undefined;
  const close = { "(": "\\)", "[": "\\]" }[seen[1]!];
  if (!close) return false;
  if (!seen.endsWith(close) || seen.endsWith(`\\${close}`)) return undefined;
  return /^\\(?:\(|\[\s)/.test(seen) || LOOKS_LIKE_MATH.test(seen.slice(2, -2));
};
/** With words after it, it is a part of a sentence. */
const inBracketsAlone: Decision = (seen, next) => inBrackets(seen, next) && /^\n?$/.test(next);
/** Dollars alone on their line. */
const afterDollars: Decision = (seen, next) => (/^\n?$/.test(next) ? /^\$\$+ *$/.test(seen) : undefined);

type Constructs = Record<number, Construct>;
const { flow, text } = math() as { flow: Constructs; text: Constructs };
const doubled = math({ singleDollarTextMath: false }).text as Constructs;

export const formulaSyntax: Extension = {
  flow: { [DOLLAR]: guarded(flow[DOLLAR]!, afterDollars), [BACKSLASH]: guarded(flow[BACKSLASH]!, inBracketsAlone) },
  text: { [DOLLAR]: [guarded(text[DOLLAR]!, inDollars), doubled[DOLLAR]!], [BACKSLASH]: guarded(text[BACKSLASH]!, inBrackets) },
};

/** The construct where `decide` takes the text ahead for a formula, and never within a word: list\[0\], US$5_000. */
function guarded(construct: Construct, decide: Decision): Construct {
  const previous = (code: Code): boolean => code === null || code < 0 || !/[\w\\$]/.test(String.fromCharCode(code));
  const ahead: Construct = { partial: true, tokenize: lookAhead(decide) };
  return {
    ...construct,
    resolve: undefined, // the inner one resolves its own events
    previous,
    tokenize(effects, ok, nok) {
      const start = effects.check(ahead, effects.attempt(construct, ok, nok), nok);
      return (code) => (previous(this.previous) ? start(code) : nok(code));
    },
  };
}

/** Reads up to the closing sequence. A formula has no blank line, nor lines that only continue a paragraph of a quote. */
function lookAhead(decide: Decision): Tokenizer {
  return function (effects, ok, nok) {
    let seen = "";
    let onNewLine = false;
    const end = (state: State) => (code: Code) => {
      effects.exit("data");
      return state(code);
    };
    const more = (code: Code): State | undefined => {
      const next = characterOf(code);
      const decided = seen ? decide(seen, next) : undefined;
      if (decided !== undefined) return end(decided ? ok : nok)(code);
      if (code === null || seen.length > LONGEST || (onNewLine && (next === "\n" || this.parser.lazy[this.now().line]))) return end(nok)(code);
      seen += next;
      onNewLine = next === "\n" || (onNewLine && next === " ");
      effects.consume(code);
      return more;
    };
    return (code) => {
      effects.enter("data");
      return more(code);
    };
  };
}

function characterOf(code: Code): string {
  if (code === null || code === -1) return ""; // the end, or a tab's further columns
  if (code >= 0) return String.fromCharCode(code);
  return code === -2 ? " " : "\n";
}
