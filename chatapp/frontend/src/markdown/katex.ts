import "katex/dist/katex.min.css";
import katex from "katex";

/**
 * A formula as HTML, in which nothing of it is more than text: `trust: false` keeps KaTeX from making links and loading
 * images, and `maxSize` (em) keeps the formula from covering the page.
 * @throws RangeError where it is nested too deeply.
 */
export function render(formula: string, displayMode: boolean): string {
  return katex.renderToString(formula, { displayMode, trust: false, strict: false, throwOnError: false, maxSize: 20, maxExpand: 500, errorColor: "currentColor" });
}
