/** Reads Markdown in a worker. */
import type { Root } from "hast";
import { inWorker } from "./away";
import type { Job } from "./tree";

/** Why a text has no tree: reading it takes too long, or it has too many elements for the page. */
export type Failure = "slow" | "large";
export type Outcome = Root | Failure;

const read = inWorker<Job, Root | null>(() => new Worker(new URL("./parser.worker.ts", import.meta.url), { type: "module" }));

/**
 * @param most ms that reading may take. Fetching the worker and waiting for other texts do not count.
 * @param signal ends it; then the outcome is "slow".
 */
export async function parseAway(job: Job, most: number, signal: AbortSignal): Promise<Outcome> {
  const tree = await read(job, most, signal);
  return tree === undefined ? "slow" : (tree ?? "large");
}
