/** Does work in a worker: one job after the other, none for longer than it is given. */

/**
 * The worker answers each job twice: anything as soon as it has what it needs, then the result. Where that takes longer
 * than `most` ms, or `signal` ends it, the worker is ended and the result is undefined, as where it cannot be fetched.
 */
export function inWorker<Job, Result>(start: () => Worker) {
  let worker: Worker | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const run = (job: Job, most: number, signal?: AbortSignal): Promise<Result | undefined> =>
    new Promise((resolve) => {
      const used = (worker ??= start());
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = (result: Result | undefined): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", stop);
        resolve(result);
      };
      const stop = (): void => {
        used.terminate();
        worker = null;
        end(undefined);
      };
      used.onmessage = () => {
        timer = setTimeout(stop, most);
        used.onmessage = ({ data }: MessageEvent<Result>) => end(data);
      };
      used.onerror = stop;
      signal?.addEventListener("abort", stop);
      used.postMessage(job);
    });

  return (job: Job, most: number, signal?: AbortSignal): Promise<Result | undefined> => {
    const turn = queue.then(() => (signal?.aborted ? undefined : run(job, most, signal))).catch(() => undefined);
    queue = turn;
    return turn;
  };
}
