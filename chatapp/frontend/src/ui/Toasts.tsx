import { X } from "lucide-react";
import type { ReactNode } from "react";
import { useT } from "../i18n";
import { useStore } from "../lib/store";
import { Problem } from "./Problem";
import { dismiss, hold, release, toasts, type Toast } from "./toast";

export function Toasts(): ReactNode {
  const shown = useStore(toasts);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map((toast) => (
        <ToastRow key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastRow({ toast }: { toast: Toast }): ReactNode {
  const t = useT();
  const { id, text, action, details } = toast;
  const enter = (): void => hold(toast);
  const leave = ({ currentTarget }: { currentTarget: Element }): void => {
    if (!currentTarget.matches(":hover, :focus-within")) release(toast);
  };
  return (
    <div className="toast" onPointerEnter={enter} onFocus={enter} onPointerLeave={leave} onBlur={leave}>
      <Problem text={text} details={details} />
      {action && (
        <button
          type="button"
          className="toast-action"
          onClick={() => {
            dismiss(id);
            action.run();
          }}
        >
          {action.label}
        </button>
      )}
      <button type="button" className="icon-button small" aria-label={t("app.close")} onClick={() => dismiss(id)}>
        <X size={15} aria-hidden />
      </button>
    </div>
  );
}
