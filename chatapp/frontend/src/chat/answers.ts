/** The text of answers that are being written now, as it comes in. Only the row that shows one hears of it. */
import { useCallback, useSyncExternalStore } from "react";

export interface Answer {
  messageId: string;
  text: string;
  /** The connection is gone and being made again. */
  reconnecting: boolean;
  /** The person has asked for it to stop. */
  stopping: boolean;
}

const FRAME = 40; // ms between two drawings: 25 a second look fluent
const REST = 7; // times as long as a drawing took, the processor is left to others: a long answer is drawn less often
const SLOWEST = 500; // ms between two drawings at the most

/** Running answers by conversation: there is one at the most in each. */
export class Answers {
  private readonly running = new Map<string, Answer>();
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly due = new Set<string>();
  private cost = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  get(conversationId: string): Answer | undefined {
    return this.running.get(conversationId);
  }

  begin(conversationId: string, messageId: string, text: string): void {
    const before = this.running.get(conversationId);
    const stopping = before?.messageId === messageId && before.stopping;
    this.running.set(conversationId, { messageId, text, reconnecting: false, stopping });
    this.tell(conversationId);
  }

  /** Adds a piece whose end is at `end` UTF-16 code units; what is there already is not added twice. */
  append(conversationId: string, piece: string, end: number | null): void {
    const answer = this.running.get(conversationId);
    if (!answer) return;
    const missing = end === null ? piece.length : Math.min(end - answer.text.length, piece.length);
    if (missing <= 0) return;
    const text = answer.text + piece.slice(piece.length - missing);
    this.running.set(conversationId, { ...answer, text, reconnecting: false });
    this.tellSoon(conversationId);
  }

  change(conversationId: string, change: Partial<Answer>): void {
    const answer = this.running.get(conversationId);
    if (!answer) return;
    this.running.set(conversationId, { ...answer, ...change });
    this.tell(conversationId);
  }

  end(conversationId: string): void {
    if (this.running.delete(conversationId)) this.tell(conversationId);
  }

  subscribe(conversationId: string, listener: () => void): () => void {
    const listeners = this.listeners.get(conversationId) ?? new Set();
    this.listeners.set(conversationId, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  private tellSoon(conversationId: string): void {
    this.due.add(conversationId);
    this.timer ??= setTimeout(() => this.draw(), Math.min(SLOWEST, Math.max(FRAME, this.cost * REST)));
  }

  private draw(): void {
    const begun = performance.now();
    for (const due of [...this.due]) this.tell(due);
    this.timer = setTimeout(() => {
      this.cost = performance.now() - begun; // React has drawn, and the list has measured
      this.timer = undefined;
      for (const due of [...this.due]) this.tellSoon(due);
    });
  }

  private tell(conversationId: string): void {
    this.due.delete(conversationId);
    for (const listener of [...(this.listeners.get(conversationId) ?? [])]) listener();
  }
}

export type Progress = "none" | "running" | "stopping";

/** Whether an answer is being written: what does not show its text need not be drawn with every piece of it. */
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
