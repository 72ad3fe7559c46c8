import type { ReactNode } from "react";

/** The conversation's title, and at its end what can be done with all of it. */
export function ChatHeader({ title, children }: { title: string; children?: ReactNode }): ReactNode {
  return (
    <header className="chat-header">
      {title && (
        <h1 dir="auto" title={title}>
          {title}
        </h1>
      )}
      {children}
    </header>
  );
}
