import type { Root } from "hast";
import { startTransition, useEffect, useMemo, useRef, useState } from "react";
import { parseAway, type Failure, type Outcome } from "./awayParser";
import { parseHere } from "./hereParser";
import type { Job } from "./tree";

const MOST = 200; // ms to read a block
const MOST_ASKED = 10_000; // ms where the person asks for it

/** What the worker made of the last texts, so that what was scrolled away and back is shown at once. */
const known = new Map<string, Outcome>();
const MOST_KNOWN = 50;

const nameOf = ({ text, lineBreaks }: Job): string => `${lineBreaks}${text}`;

function remember(job: Job, outcome: Outcome): void {
  known.delete(nameOf(job));
  known.set(nameOf(job), outcome);
  if (known.size > MOST_KNOWN) known.delete(known.keys().next().value!);
}

interface Tree {
  /** Of the text, or of the one before while the text is read. Null: the text is shown as it was written. */
  tree: Root | null;
  failure: Failure | null;
  /** Reads it however long it takes, up to ten seconds. */
  ask(): void;
  /** Ends that. Null: it is not being read on demand. */
  cancel: (() => void) | null;
}

/** The elements of a text. What is cheap is read at once, the rest in a worker. */
export function useTree(text: string, lineBreaks: boolean): Tree {
  const job = useMemo(() => ({ text, lineBreaks }), [text, lineBreaks]);
  const here = useMemo(() => known.get(nameOf(job)) ?? parseHere(job), [job]);
  const [away, setAway] = useState<{ job: Job; outcome: Outcome } | null>(null);
  const [asked, setAsked] = useState<AbortController | null>(null);
  const reading = useRef<AbortController | null>(null);
  const newest = useRef<Root | null>(null);

  const read = (most: number): AbortController => {
    const own = (reading.current = new AbortController());
    void parseAway(job, most, own.signal).then((outcome) => {
      if (reading.current === own) reading.current = null;
      setAsked(null);
      if (own.signal.aborted) return;
      remember(job, outcome);
      if (typeof outcome !== "string") newest.current = outcome;
      startTransition(() => setAway({ job, outcome }));
    });
    return own;
  };

  const settled = (away?.job === job ? away.outcome : null) ?? here;
  // More text does not make a block quicker that took too long.
  const hopeless = typeof away?.outcome === "string" && text.startsWith(away.job.text);
  const outcome = settled ?? (hopeless ? away.outcome : newest.current);
  useEffect(() => {
    if (settled && typeof settled !== "string") newest.current = settled;
    if (!settled && !hopeless && !reading.current) read(MOST);
  });
  useEffect(
    () => () => {
      reading.current?.abort();
      reading.current = null;
    },
    [],
  );

  return {
    tree: typeof outcome === "string" ? null : outcome,
    failure: typeof outcome === "string" ? outcome : null,
    ask: () => setAsked(read(MOST_ASKED)),
    cancel: asked && (() => asked.abort()),
  };
}
