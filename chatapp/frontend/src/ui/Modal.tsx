import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { useT } from "../i18n";
import { useFocusBack } from "./useFocusBack";

interface ModalProps {
  title: string;
  onClose(): void;
  children: ReactNode;
}

/** An open dialog. When it closes, the keyboard focus returns to where it was. */
export function Modal({ title, onClose, children }: ModalProps): ReactNode {
  const t = useT();
  const focusBack = useFocusBack();
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog" {...focusBack} aria-describedby={undefined}>
          <Dialog.Title>{title}</Dialog.Title>
          {children}
          <Dialog.Close className="icon-button dialog-close" aria-label={t("app.close")}>
            <X size={18} aria-hidden />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
