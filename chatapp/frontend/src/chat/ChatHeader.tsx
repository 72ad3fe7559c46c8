import type { ReactNode } from "react";

export function ChatHeader({ title }: { title: string }): ReactNode {
  return (
    <header className="chat-header">
      <h1 dir="auto" title={title}>
        {title}
      </h1>
    </header>
  );
}
