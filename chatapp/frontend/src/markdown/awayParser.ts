/** Reads Markdown in a worker: one text after the other, none for longer than it is given. */
import type { Root } from "hast";
import type { Job } from "./tree";

/** Why a text has no tree: reading it takes too long, or it has too many elements for the page. */
export type Failure = "slow" | "large";
export type Outcome = Root | Failure;

let worker: Promise<Worker> | null = null;
let queue: Promise<unknown> = Promise.resolve();

/**
 * @param most ms that reading may take. Fetching the worker and waiting for other texts do not count.
 * @param signal ends it; then the outcome is "slow".
 */
export function parseAway(job: Job, most: number, signal: AbortSignal): Promise<Outcome> {
  const turn = queue.then(() => (signal.aborted ? "slow" : parse(job, most, signal))).catch((): Failure => "slow");
  queue = turn;
  return turn;
}

async function parse(job: Job, most: number, signal: AbortSignal): Promise<Outcome> {
  const parser = await (worker ??= start());
  return new Promise((resolve) => {
    const end = (outcome: Outcome): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(outcome);
    };
    const stop = (): void => {
      parser.terminate();
      worker = null;
      end("slow");
    };
    const timer = setTimeout(stop, most);
    signal.addEventListener("abort", stop);
    parser.onmessage = ({ data }: MessageEvent<Root | null>) => end(data ?? "large");
    parser.onerror = stop;
    parser.postMessage(job);
  });
}

function start(): Promise<Worker> {
  const parser = new Worker(new URL("./parser.worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    parser.onmessage = () => resolve(parser);
    parser.onerror = () => {
      worker = null; // the next text tries again
      reject(new Error("The worker could not be loaded."));
    };
  });
}
