import { Archive, Ellipsis, FolderInput, Pencil, Pin, PinOff, SquareCheckBig, Tag, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useEffect, useRef, type ReactNode } from "react";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { sidebarDialog } from "./dialogs";
import { useOrder } from "./useOrder";
import { whatOf } from "./whatOf";

interface ItemMenuProps {
  conversation: Conversation;
  onPin(): void;
  onRemove(): void;
  onRename(): void;
  onSelect(): void;
  onOpen(open: boolean): void;
}

/** What can be done with one conversation. It is open when it comes. */
export default function ItemMenu({ conversation, onPin, onRemove, onRename, onSelect, onOpen }: ItemMenuProps): ReactNode {
  const t = useT();
  const order = useOrder();
  const focusMoved = useRef(false);
  const { pinned } = conversation;
  useEffect(() => onOpen(true), [onOpen]);
  const items = [conversation];
  const archive = (): void => void order([{ items, change: { action: "archive" } }], t("order.done.archive", { what: whatOf(items, t) }));
  const movingFocus = (run: () => void) => () => {
    focusMoved.current = true;
    run();
  };
  return (
    <DropdownMenu.Root
      defaultOpen
      modal={false}
      onOpenChange={(open) => {
        focusMoved.current = false;
        onOpen(open);
      }}
    >
      <DropdownMenu.Trigger className="icon-button small conversation-menu" aria-label={t("nav.options", { title: conversation.title || t("nav.untitled") })}>
        <Ellipsis size={17} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={document.querySelector<HTMLElement>(".sidebar")}>
        <DropdownMenu.Content
          className="menu"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={(event) => focusMoved.current && event.preventDefault()} // the field or another row has it
        >
          <DropdownMenu.Item onSelect={movingFocus(onRename)}>
            <Pencil size={16} aria-hidden /> {t("nav.rename")} <kbd className="wide-only">F2</kbd>
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={onPin}>
            {pinned ? <PinOff size={16} aria-hidden /> : <Pin size={16} aria-hidden />} {t(pinned ? "nav.unpin" : "nav.pin")}
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => sidebarDialog.set({ kind: "move", items })}>
            <FolderInput size={16} aria-hidden /> {t("nav.move")}
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => sidebarDialog.set({ kind: "tags", items })}>
            <Tag size={16} aria-hidden /> {t("nav.tags")}
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={movingFocus(onSelect)}>
            <SquareCheckBig size={16} aria-hidden /> {t("nav.select")}
          </DropdownMenu.Item>
          <DropdownMenu.Separator />
          <DropdownMenu.Item onSelect={archive}>
            <Archive size={16} aria-hidden /> {t("nav.archive")}
          </DropdownMenu.Item>
          <DropdownMenu.Item className="danger" onSelect={movingFocus(onRemove)}>
            <Trash2 size={16} aria-hidden /> {t("nav.delete")} <kbd className="wide-only">{t("key.Del")}</kbd>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
