import { memo, useEffect, useMemo, useState, type ReactNode } from "react";
import ReactMarkdown, { type Options } from "react-markdown";
import remend from "remend";
import { BlockSplitter } from "./blocks";
import { components } from "./components";
import { gfm } from "./gfm";
import { mathToDollars, mayHaveMath } from "./math";

interface MarkdownProps {
  text: string;
  /** More text is coming: unfinished syntax at the end (`**bo`) is shown as if it were closed. */
  running: boolean;
}

/**
 * What a language model wrote. HTML in it is shown as text, never as elements. Nothing is loaded from another host;
 * links are followed only by a click.
 */
export function Markdown({ text, running }: MarkdownProps): ReactNode {
  const [splitter] = useState(() => new BlockSplitter());
  const blocks = useMemo(() => splitter.split(mathToDollars(text)), [splitter, text]);
  return (
    <div className="markdown">
      {blocks.map((block, at) => (
        // Blocks keep their index, because text is only added at the end.
        <Block key={at} text={running && at === blocks.length - 1 ? remend(block, { images: false }) : block} />
      ))}
    </div>
  );
}

type Plugins = Pick<Options, "remarkPlugins" | "rehypePlugins">;

const PLAIN: Plugins = { remarkPlugins: [gfm] };
let withMath: Plugins | null = null;
let loading: Promise<void> | null = null;

const Block = memo(function Block({ text }: { text: string }): ReactNode {
  const plugins = usePlugins(mayHaveMath(text));
  return (
    <ReactMarkdown {...plugins} components={components}>
      {text}
    </ReactMarkdown>
  );
});

/** KaTeX is large, so it is fetched when the first formula appears. */
function usePlugins(math: boolean): Plugins {
  const [, rerender] = useState(0);
  useEffect(() => {
    if (!math || withMath) return;
    let shown = true;
    loading ??= import("./formulas").then(({ formulas }) => {
      withMath = { remarkPlugins: [gfm, ...formulas.remarkPlugins], rehypePlugins: formulas.rehypePlugins };
    });
    loading.then(
      () => shown && rerender(1),
      () => (loading = null), // the formula stays as it was written; the next one tries again
    );
    return () => {
      shown = false;
    };
  }, [math]);
  return (math && withMath) || PLAIN;
}
