import { createElement, Fragment, useEffect, useRef, useState, type ReactNode } from "react";

type Highlighter = typeof import("./highlighter");
let highlighter: Highlighter | null = null; // fetched when the first code appears

const LONGEST = 30_000; // characters: more highlighting is not worth the elements it takes
const REST = 15; // times as long as the last highlighting took, the processor is free for other work
const SLOWEST = 1500; // ms between two highlightings at most

interface Highlighted {
  code: string;
  nodes: ReactNode;
}

/** Highlighted code. While it is still being written, it is highlighted rarely enough not to be felt. */
export function useHighlight(code: string, language: string): ReactNode {
  const [highlighted, setHighlighted] = useState<Highlighted | null>(() => (highlighter?.isReady(language) ? attempt(code, language) : null));
  const latest = useRef(code);
  const pending = useRef(false);
  const cost = useRef(0);
  useEffect(() => {
    latest.current = code;
    if (!language || code.length > LONGEST || highlighted?.code === code || pending.current) return;
    pending.current = true;
    setTimeout(() => {
      void ready(language).then((known) => {
        pending.current = false;
        if (!known) return;
        const started = performance.now();
        setHighlighted(attempt(latest.current, language));
        cost.current = performance.now() - started;
      });
    }, Math.min(SLOWEST, cost.current * REST));
  }, [code, language, highlighted]);
  if (!highlighted || !code.startsWith(highlighted.code)) return code;
  return createElement(Fragment, null, highlighted.nodes, code.slice(highlighted.code.length));
}

async function ready(language: string): Promise<boolean> {
  highlighter ??= await import("./highlighter").catch(() => null);
  return (await highlighter?.load(language)) ?? false;
}

function attempt(code: string, language: string): Highlighted | null {
  return code.length > LONGEST ? null : { code, nodes: highlighter?.highlight(code, language) };
}
