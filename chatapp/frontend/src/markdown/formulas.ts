import "katex/dist/katex.min.css";
import type { Options } from "react-markdown";
import rehypeKatex from "rehype-katex";
import remarkMath from "remark-math";

type PluginList = NonNullable<Options["remarkPlugins"]>;

/** `trust: false` keeps KaTeX from making links and loading images; `maxSize` keeps a formula from covering the page. */
export const formulas: { remarkPlugins: PluginList; rehypePlugins: PluginList } = {
  remarkPlugins: [[remarkMath, { singleDollarTextMath: false }]],
  rehypePlugins: [[rehypeKatex, { trust: false, strict: false, maxSize: 20, maxExpand: 500, errorColor: "currentColor" }]],
};
