/** The text of the answers that are being written. Only the row that shows one is notified. */
import { useCallback, useSyncExternalStore } from "react";

export interface Answer {
  messageId: string;
  text: string;
  /** What the model thinks before it answers. */
  reasoning: string;
  /** When it began to think, in ms since 1970. */
  thinkingSince: number | null;
  /** How long it thought, in ms; null until it answers. */
  thoughtMs: number | null;
  /** The connection broke and is being restored. */
  reconnecting: boolean;
  /** The person has asked to stop it. */
  stopping: boolean;
}

const FRAME = 40; // ms between two renders: 25 a second look fluent
const REST = 7; // times as long as a render took, the processor is free for other work: long answers render less often
const SLOWEST = 500; // ms between two renders at most

/** Running answers by conversation: each has at most one. */
export class Answers {
  private readonly running = new Map<string, Answer>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly due = new Set<string>();
  /** ms that the last render took. */
  private cost = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  get(conversationId: string): Answer | undefined {
    return this.running.get(conversationId);
  }

  /** `thinkingSince`, in ms since 1970, is for an answer whose model was thinking before this page knew of it. */
  begin(conversationId: string, messageId: string, text: string, thinkingSince: number | null = null): void {
    const before = this.running.get(conversationId);
    const fresh = { reasoning: "", thinkingSince, thoughtMs: null, stopping: false };
    this.running.set(conversationId, { ...fresh, ...(before?.messageId === messageId ? before : {}), messageId, text, reconnecting: false });
    this.notify(conversationId);
  }

  /** Adds a piece that ends at `end` UTF-16 code units. What is already there is not added twice. */
  append(conversationId: string, piece: string, end: number | null): void {
    const answer = this.running.get(conversationId);
    if (!answer) return;
    const missing = end === null ? piece.length : Math.min(end - answer.text.length, piece.length);
    if (missing <= 0) return;
    const text = answer.text + piece.slice(piece.length - missing);
    const thoughtMs = answer.text || answer.thinkingSince === null ? answer.thoughtMs : Date.now() - answer.thinkingSince;
    this.running.set(conversationId, { ...answer, text, thoughtMs, reconnecting: false });
    this.notifySoon(conversationId);
  }

  /** Puts a piece of the reasoning in its place, `at` UTF-16 code units from the beginning. */
  think(conversationId: string, piece: string, at: number): void {
    const answer = this.running.get(conversationId);
    if (!answer) return;
    const reasoning = answer.reasoning.slice(0, at) + piece + answer.reasoning.slice(at + piece.length);
    this.running.set(conversationId, { ...answer, reasoning, thinkingSince: answer.thinkingSince ?? Date.now(), reconnecting: false });
    this.notifySoon(conversationId);
  }

  change(conversationId: string, change: Partial<Answer>): void {
    const answer = this.running.get(conversationId);
    if (!answer) return;
    this.running.set(conversationId, { ...answer, ...change });
    this.notify(conversationId);
  }

  end(conversationId: string): void {
    if (this.running.delete(conversationId)) this.notify(conversationId);
  }

  subscribe(conversationId: string, listener: () => void): () => void {
    const listeners = this.listeners.get(conversationId) ?? new Set();
    this.listeners.set(conversationId, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  private notifySoon(conversationId: string): void {
    this.due.add(conversationId);
    this.timer ??= setTimeout(() => this.flush(), Math.min(SLOWEST, Math.max(FRAME, this.cost * REST)));
  }

  private flush(): void {
    const started = performance.now();
    for (const due of [...this.due]) this.notify(due);
    this.timer = setTimeout(() => {
      this.cost = performance.now() - started; // React has rendered, and the list has measured
      this.timer = undefined;
      for (const due of [...this.due]) this.notifySoon(due);
    });
  }

  private notify(conversationId: string): void {
    this.due.delete(conversationId);
    for (const listener of [...(this.listeners.get(conversationId) ?? [])]) listener();
  }
}

export type Progress = "none" | "running" | "stopping";

/** Whether an answer is being written. Components that do not show its text need not render with every piece. */
export function useProgress(answers: Answers, conversationId: string | null): Progress {
  const id = conversationId ?? "";
  const subscribe = useCallback((listener: () => void) => answers.subscribe(id, listener), [answers, id]);
  return useSyncExternalStore(subscribe, () => {
    const answer = answers.get(id);
    return answer ? (answer.stopping ? "stopping" : "running") : "none";
  });
}

export function useAnswer(answers: Answers, conversationId: string): Answer | undefined {
  const subscribe = useCallback(
    (listener: () => void) => answers.subscribe(conversationId, listener),
    [answers, conversationId],
  );
  return useSyncExternalStore(subscribe, () => answers.get(conversationId));
}
