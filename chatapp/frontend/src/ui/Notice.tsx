import type { ReactNode } from "react";
import { Logo } from "./Logo";

interface NoticeProps {
  title: string;
  text: string;
  action: ReactNode;
}

/** One thing to say, and one thing to do about it. */
export function Notice({ title, text, action }: NoticeProps): ReactNode {
  return (
    <div className="notice">
      <Logo size={40} />
      <h1>{title}</h1>
      <p>{text}</p>
      {action}
    </div>
  );
}

/** A notice as a page of its own. */
export function NoticePage(props: NoticeProps): ReactNode {
  return (
    <main className="notice-page">
      <Notice {...props} />
    </main>
  );
}
