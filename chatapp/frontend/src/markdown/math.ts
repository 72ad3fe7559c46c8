/**
 * Language models write formulas as \( \), \[ \], $ $ and $$ $$. The parser only knows $$, so that "between $5 and $10"
 * stays money. Code is left as it is.
 */
const CODE = /(```[\s\S]*?(?:```|$)|~~~[\s\S]*?(?:~~~|$)|(?<!`)`[^`\n]*`(?!`))/;
const LOOKS_LIKE_MATH = /[\\^_={}]|^[a-zA-Z](?:\([^()]*\))?$/;

export function mathToDollars(text: string): string {
  if (!/\\[([]|\$/.test(text)) return text;
  return text
    .split(CODE)
    .map((part, at) => (at % 2 === 1 ? part : convert(part)))
    .join("");
}

function convert(text: string): string {
  return text
    .replace(/\\\[([\s\S]+?)\\\]/g, (_, formula: string) => `\n$$\n${formula.trim()}\n$$\n`)
    .replace(/\\\(([\s\S]+?)\\\)/g, (_, formula: string) => `$$${formula.trim()}$$`)
    .replace(/(?<![\\$\w])\$(?!\s|\$)([^$\n]+?)(?<!\s)\$(?![\d$])/g, (whole, formula: string) =>
      LOOKS_LIKE_MATH.test(formula) ? `$$${formula}$$` : whole,
    );
}

/** Whether a text may have a formula, so that KaTeX is worth fetching. */
export const mayHaveMath = (text: string): boolean => text.includes("$$");
