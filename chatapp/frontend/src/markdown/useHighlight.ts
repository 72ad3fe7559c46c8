import type { Root } from "hast";
import { toJsxRuntime } from "hast-util-to-jsx-runtime";
import { createElement, Fragment, startTransition, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { jsx, jsxs } from "react/jsx-runtime";
import { inWorker } from "./away";
import type { CodeJob } from "./highlight.worker";

const LONGEST = 30_000; // characters: more highlighting is not worth the elements it takes
const MOST = 200; // ms; some code takes the highlighter for ever
const REST = 15; // times as long as the last highlighting took, nothing is highlighted
const SLOWEST = 1500; // ms between two highlightings at most

interface Highlighted {
  code: string;
  /** Null where the language is not known, or highlighting takes too long. */
  tree: Root | null;
}

const away = inWorker<CodeJob, Root | null>(() => new Worker(new URL("./highlight.worker.ts", import.meta.url), { type: "module" }));

/** What was highlighted last, so that what was scrolled away and back is shown at once. */
const known = new Map<string, Highlighted>();
const MOST_KNOWN = 50;

const nameOf = ({ code, language }: CodeJob): string => `${language}\n${code}`;

async function highlight(job: CodeJob): Promise<Highlighted> {
  const tree = (await away(job, MOST)) ?? null;
  const highlighted = { code: job.code, tree };
  known.set(nameOf(job), highlighted);
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!);
  return highlighted;
}

/** Highlighted code. While it is still being written, it is highlighted rarely enough not to be felt. */
export function useHighlight(code: string, language: string): ReactNode {
  const [highlighted, setHighlighted] = useState(() => known.get(nameOf({ code, language })));
  const latest = useRef(code);
  const pending = useRef(false);
  const cost = useRef(0);
  const begun = highlighted !== undefined && code.startsWith(highlighted.code);
  useEffect(() => {
    latest.current = code;
    const settled = begun && (highlighted.code === code || highlighted.tree === null); // more code does not make it quicker
    if (!language || code.length > LONGEST || settled || pending.current) return;
    pending.current = true;
    setTimeout(() => {
      const started = performance.now();
      void highlight({ code: latest.current, language }).then((done) => {
        cost.current = performance.now() - started;
        pending.current = false;
        startTransition(() => setHighlighted(done));
      });
    }, Math.min(SLOWEST, cost.current * REST));
  }, [code, language, highlighted, begun]);
  const tree = highlighted?.tree;
  const nodes = useMemo(() => tree && toJsxRuntime(tree, { Fragment, jsx, jsxs }), [tree]);
  return begun && nodes ? createElement(Fragment, null, nodes, code.slice(highlighted.code.length)) : code;
}
