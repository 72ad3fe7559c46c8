import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { Fragment, type ReactNode } from "react";
import { useT } from "../i18n";
import { useFocusBack } from "../ui/useFocusBack";
import { keyName, SHORTCUTS } from "./shortcuts";

interface ShortcutsDialogProps {
  open: boolean;
  onOpenChange(open: boolean): void;
}

export default function ShortcutsDialog({ open, onOpenChange }: ShortcutsDialogProps): ReactNode {
  const t = useT();
  const focusBack = useFocusBack();
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog shortcuts" {...focusBack} aria-describedby={undefined}>
          <Dialog.Title>{t("shortcuts.title")}</Dialog.Title>
          <dl>
            {SHORTCUTS.map(({ name, keys }) => (
              <div key={name}>
                <dt>{t(name)}</dt>
                <dd>
                  {keys.map((combination, at) => (
                    <Fragment key={combination.join()}>
                      {at > 0 && <span className="shortcuts-or">{t("shortcuts.or")}</span>}
                      {combination.map((key) => (
                        <kbd key={key}>{keyName(key, t)}</kbd>
                      ))}
                    </Fragment>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
          <Dialog.Close className="icon-button dialog-close" aria-label={t("app.close")}>
            <X size={18} aria-hidden />
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
