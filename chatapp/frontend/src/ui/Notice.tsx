import type { ReactNode } from "react";
import { Logo } from "./Logo";
import { Problem } from "./Problem";

interface NoticeProps {
  title: string;
  text: string;
  /** What an error's `Problem` shows on demand. */
  details?: string;
  action: ReactNode;
}

/** One thing to say, and one thing to do about it. */
export function Notice({ title, text, details, action }: NoticeProps): ReactNode {
  return (
    <div className="notice">
      <Logo size={40} />
      <h1>{title}</h1>
      <Problem text={text} details={details} />
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
