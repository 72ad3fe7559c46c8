import type { ReactNode } from "react";
import { Markdown } from "../markdown/Markdown";
import { ErrorBoundary } from "../ui/ErrorBoundary";

/** The text as Markdown, or as it was written where rendering it fails. */
export function AnswerText({ text, running }: { text: string; running: boolean }): ReactNode {
  return (
    <ErrorBoundary
      fallback={
        <p className="plain" dir="auto">
          {text}
        </p>
      }
    >
      <Markdown text={text} running={running} />
    </ErrorBoundary>
  );
}
