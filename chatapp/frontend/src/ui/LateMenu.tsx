import { Suspense, useState, type KeyboardEvent, type ReactNode } from "react";
import { attempt } from "./late";
import { Part } from "./Part";

interface LateMenuProps {
  label: string;
  className: string;
  icon: ReactNode;
  fetch(): Promise<unknown>;
  children: ReactNode;
}

/**
 * A button that stands for a menu until it is opened for the first time, because the code of menus is large. `fetch`
 * gets that code as soon as the pointer or the focus comes; `children` is the menu, which opens at once.
 */
export function LateMenu({ label, className, icon, fetch, children }: LateMenuProps): ReactNode {
  const [opened, setOpened] = useState(false);
  const press = (event: KeyboardEvent): void => {
    if (event.key !== "ArrowDown") return;
    event.preventDefault();
    setOpened(true);
  };
  const button = (
    <button
      type="button"
      className={className}
      aria-label={label}
      title={label}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={() => attempt(fetch)}
      onFocus={() => attempt(fetch)}
      onClick={() => setOpened(true)}
      onKeyDown={press}
    >
      {icon}
    </button>
  );
  if (!opened) return button;
  return (
    <Suspense fallback={button}>
      <Part>{children}</Part>
    </Suspense>
  );
}
