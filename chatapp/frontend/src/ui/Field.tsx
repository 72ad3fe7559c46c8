import { useId, type InputHTMLAttributes, type ReactNode } from "react";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  /** A word beside the label that is not part of the field's name. */
  remark?: string;
  hint?: string;
  error?: string | undefined;
  /** A control at the end of the field. */
  end?: ReactNode;
}

/** A labelled text field with its hint and its error, connected for assistive technology. */
export function Field({ label, remark, hint, error, end, ...input }: FieldProps): ReactNode {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <div className="field-head">
        <label htmlFor={id}>{label}</label>
        {remark && <span className="field-remark">{remark}</span>}
      </div>
      <div className="field-box">
        <input
          dir="auto"
          {...input}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={described || undefined}
        />
        {end}
      </div>
      {hint && !error && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
