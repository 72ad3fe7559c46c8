import { startTransition, useEffect, useMemo, useState, type ReactNode } from "react";
import remend from "remend";
import { Block } from "./Block";
import { BlockSplitter } from "./blocks";

interface MarkdownProps {
  text: string;
  /** More text is coming: unfinished syntax at the end (`**bo`) is shown as if it were closed. */
  running?: boolean;
  /** A line that ends stays a line that ends, as people expect of what they typed. */
  lineBreaks?: boolean;
}

const STEP = 200; // blocks that are added to the page at once

/**
 * What a language model or a person wrote. HTML in it is shown as text, never as elements. Nothing is loaded from
 * another host; links are followed only by a click.
 */
export function Markdown({ text, running = false, lineBreaks = false }: MarkdownProps): ReactNode {
  const [splitter] = useState(() => new BlockSplitter());
  const [shown, setShown] = useState(STEP);
  const blocks = useMemo(() => splitter.split(text), [splitter, text]);
  useEffect(() => {
    if (shown < blocks.length) startTransition(() => setShown(shown + STEP));
  }, [shown, blocks]);
  return (
    <div className="markdown">
      {blocks.slice(0, shown).map((block, at) => (
        // Blocks keep their index, because text is only added at the end.
        <Block key={at} text={running && at === blocks.length - 1 ? remend(block, { images: false }) : block} lineBreaks={lineBreaks} />
      ))}
    </div>
  );
}
