import { Code, Lightbulb, ListChecks, Mail } from "lucide-react";
import type { ReactNode } from "react";
import { useUser } from "../auth/user";
import { useT } from "../i18n";

const SUGGESTIONS = [
  ["explain", Lightbulb],
  ["draft", Mail],
  ["plan", ListChecks],
  ["code", Code],
] as const;

/** What an empty chat shows. Of a temporary one it does not say that everything is saved. */
export function Greeting({ temporary, onSuggestion }: { temporary: boolean; onSuggestion(text: string): void }): ReactNode {
  const t = useT();
  const firstName = useUser().name.trim().split(/\s+/)[0];
  return (
    <section className="greeting">
      <h1 dir="auto">{firstName ? t("thread.greeting", { name: firstName }) : t("thread.greetingNoName")}</h1>
      <p style={{ visibility: temporary ? "hidden" : "visible" }}>{t("thread.hint")}</p>
      <div className="suggestions">
        {SUGGESTIONS.map(([name, Icon]) => (
          <button key={name} type="button" onClick={() => onSuggestion(t(`thread.suggestion.${name}.text`))}>
            <Icon size={17} aria-hidden />
            {t(`thread.suggestion.${name}`)}
          </button>
        ))}
      </div>
    </section>
  );
}
