import { createElement, Fragment, useEffect, useRef, useState, type ReactNode } from "react";

type Highlighter = typeof import("./highlighter");
let highlighter: Highlighter | null = null; // fetched when the first code appears

const LONGEST = 30_000; // characters: colours for more are not worth the elements they take
const REST = 15; // the processor rests this many times as long as the last colouring took

interface Coloured {
  code: string;
  nodes: ReactNode;
}

/** Code in colours. While it is still being written it is coloured seldom enough not to be felt. */
export function useHighlight(code: string, language: string): ReactNode {
  const [coloured, show] = useState<Coloured | null>(() => (highlighter?.isReady(language) ? attempt(code, language) : null));
  const latest = useRef(code);
  const pending = useRef(false);
  const cost = useRef(0);
  useEffect(() => {
    latest.current = code;
    if (!language || code.length > LONGEST || coloured?.code === code || pending.current) return;
    pending.current = true;
    setTimeout(() => {
      void ready(language).then((known) => {
        pending.current = false;
        if (!known) return;
        const begun = performance.now();
        show(attempt(latest.current, language));
        cost.current = performance.now() - begun;
      });
    }, Math.min(1500, cost.current * REST));
  }, [code, language, coloured]);
  if (!coloured || !code.startsWith(coloured.code)) return code;
  return createElement(Fragment, null, coloured.nodes, code.slice(coloured.code.length));
}

async function ready(language: string): Promise<boolean> {
  highlighter ??= await import("./highlighter").catch(() => null);
  return (await highlighter?.load(language)) ?? false;
}

function attempt(code: string, language: string): Coloured | null {
  return code.length > LONGEST ? null : { code, nodes: highlighter?.colour(code, language) };
}
