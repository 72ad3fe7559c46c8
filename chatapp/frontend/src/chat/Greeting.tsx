import { Code, Lightbulb, ListChecks, Mail } from "lucide-react";
import type { ReactNode } from "react";
import { useT } from "../i18n";
import { useServices } from "./services";

const IDEAS = [
  ["explain", Lightbulb],
  ["draft", Mail],
  ["plan", ListChecks],
  ["code", Code],
] as const;

/** What a chat that has not begun shows. */
export function Greeting({ onIdea }: { onIdea(text: string): void }): ReactNode {
  const t = useT();
  const name = useServices().user.name.trim().split(/\s+/)[0];
  return (
    <section className="greeting">
      <h1 dir="auto">{name ? t("thread.greeting", { name }) : t("thread.greetingNoName")}</h1>
      <p>{t("thread.hint")}</p>
      <div className="ideas">
        {IDEAS.map(([idea, Icon]) => (
          <button key={idea} type="button" onClick={() => onIdea(t(`thread.idea.${idea}.text`))}>
            <Icon size={17} aria-hidden />
            {t(`thread.idea.${idea}`)}
          </button>
        ))}
      </div>
    </section>
  );
}
