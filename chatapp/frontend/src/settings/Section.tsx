import { useId, type ReactNode } from "react";

export function Section({ title, lead, children }: { title: string; lead: string; children: ReactNode }): ReactNode {
  const id = useId();
  return (
    <section className="settings-section" id={title} aria-labelledby={id}>
      <div className="settings-intro">
        <h2 id={id}>{title}</h2>
        <p>{lead}</p>
      </div>
      <div className="settings-body">{children}</div>
    </section>
  );
}
