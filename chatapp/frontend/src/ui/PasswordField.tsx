import { useState, type ReactNode } from "react";
import { useT } from "../i18n";
import { Field } from "./Field";

interface PasswordFieldProps {
  label: string;
  name: string;
  autoComplete: "current-password" | "new-password";
  hint?: string;
  error?: string | undefined;
  minLength?: number;
}

/** A password that can be shown while it is typed. */
export function PasswordField(props: PasswordFieldProps): ReactNode {
  const t = useT();
  const [shown, show] = useState(false);
  return (
    <Field
      {...props}
      dir={undefined} // it begins where the page does, away from the button
      type={shown ? "text" : "password"}
      required
      maxLength={1024}
      spellCheck={false}
      autoCapitalize="none"
      end={
        <button type="button" className="field-end" aria-pressed={shown} onClick={() => show(!shown)}>
          {t(shown ? "auth.hide" : "auth.show")}
        </button>
      }
    />
  );
}
