import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useT } from "../i18n";
import { isComposing } from "../ui/composing";

interface RenameFieldProps {
  title: string;
  /** Gets the new title, or null where nothing should change. */
  onDone(title: string | null): void;
}

export function RenameField({ title, onDone }: RenameFieldProps): ReactNode {
  const t = useT();
  const [text, setText] = useState(title);
  const field = useRef<HTMLInputElement>(null);
  const done = useRef(false);
  useEffect(() => field.current?.select(), []);
  const finish = (changed: string | null): void => {
    if (done.current) return; // Enter and Escape also blur the field
    done.current = true;
    onDone(changed?.trim() || null);
  };
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event.nativeEvent)) return;
    if (event.key === "Enter") finish(text);
    else if (event.key === "Escape") finish(null);
    else return;
    event.preventDefault();
  };
  return (
    <div className="conversation renaming">
      <input
        ref={field}
        dir="auto"
        maxLength={200}
        aria-label={t("nav.title")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={press}
        onBlur={() => finish(text)}
      />
    </div>
  );
}
