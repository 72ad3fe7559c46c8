import { memo, useEffect, useMemo, useState, type ReactNode } from "react";
import ReactMarkdown, { type Options } from "react-markdown";
import remend from "remend";
import { BlockCutter } from "./blocks";
import { components } from "./components";
import { gfm } from "./gfm";
import { mathToDollars, mayHaveMath } from "./math";

interface MarkdownProps {
  text: string;
  /** More text is coming: what is open at the end (`**bo`) is closed for the eye. */
  running: boolean;
}

/**
 * What a model wrote. HTML in it is shown as text, never as elements; links lead elsewhere only by
 * a click; nothing is loaded from another host.
 */
export function Markdown({ text, running }: MarkdownProps): ReactNode {
  const [cutter] = useState(() => new BlockCutter());
  const blocks = useMemo(() => cutter.cut(mathToDollars(text)), [cutter, text]);
  return (
    <div className="markdown">
      {blocks.map((block, at) => (
        // A block keeps its place: text is only added at the end.
        <Block key={at} text={running && at === blocks.length - 1 ? remend(block, { images: false }) : block} />
      ))}
    </div>
  );
}

type Plugins = Pick<Options, "remarkPlugins" | "rehypePlugins">;

const PLAIN: Plugins = { remarkPlugins: [gfm] };
let withMath: Plugins | null = null;
let fetching: Promise<void> | null = null;

const Block = memo(function Block({ text }: { text: string }): ReactNode {
  const plugins = usePlugins(mayHaveMath(text));
  return (
    <ReactMarkdown {...plugins} components={components}>
      {text}
    </ReactMarkdown>
  );
});

/** The formula setter is large, and fetched when the first formula appears. */
function usePlugins(math: boolean): Plugins {
  const [, draw] = useState(0);
  useEffect(() => {
    if (!math || withMath) return;
    let shown = true;
    fetching ??= import("./formulas").then(({ formulas }) => {
      withMath = { remarkPlugins: [gfm, ...formulas.remarkPlugins], rehypePlugins: formulas.rehypePlugins };
    });
    fetching.then(
      () => shown && draw(1),
      () => (fetching = null), // the formula stays as it was written; the next one asks again
    );
    return () => {
      shown = false;
    };
  }, [math]);
  return (math && withMath) || PLAIN;
}
