import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, Pin, PinOff, Trash2 } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { memo, useRef, useState, type FocusEvent, type KeyboardEvent, type ReactNode } from "react";
import { NavLink } from "react-router";
import { conversationQuery, messagesQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { RenameField } from "./RenameField";
import { useConversationActions } from "./useConversationActions";

interface ConversationItemProps {
  conversation: Conversation;
  renaming: boolean;
  /** Starts renaming a conversation; null ends it. */
  onRename(id: string | null): void;
}

/** One conversation: a link with its title, and a menu. */
export const ConversationItem = memo(function ConversationItem({ conversation, renaming, onRename }: ConversationItemProps): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const actions = useConversationActions(conversation);
  const link = useRef<HTMLAnchorElement>(null);
  const [menuOpen, setMenuOpen] = useState(false);
  const title = conversation.title || t("nav.untitled");

  const fetchAhead = (): void => {
    void queries.prefetchQuery(messagesQuery(conversation.id));
    void queries.prefetchQuery(conversationQuery(conversation.id));
  };
  const rename = (): void => onRename(conversation.id);
  const remove = (): void => {
    const next = actions.shown ? null : neighbour(link.current); // a new chat takes the focus by itself
    actions.remove();
    requestAnimationFrame(() => next?.focus());
  };
  // A click focuses the link too, but whoever clicked it means to read or write: their next key must not act on it.
  const focusedByKeyboard = useRef(false);
  const focused = ({ currentTarget }: FocusEvent): void => {
    focusedByKeyboard.current = currentTarget.matches(":focus-visible");
    fetchAhead();
  };
  const press = (event: KeyboardEvent): void => {
    if (!focusedByKeyboard.current) return;
    if (event.key === "F2") rename();
    else if (event.key === "Delete") remove();
    else return;
    event.preventDefault();
  };
  if (renaming) {
    const done = (changed: string | null): void => {
      onRename(null);
      if (changed !== null && changed !== conversation.title) actions.rename(changed);
      requestAnimationFrame(() => document.activeElement === document.body && link.current?.focus()); // the field is gone and took the focus with it
    };
    return <RenameField title={conversation.title} onDone={done} />;
  }
  return (
    <div className={menuOpen ? "conversation menu-open" : "conversation"}>
      <NavLink
        ref={link}
        className="conversation-link"
        to={`/c/${conversation.id}`}
        title={title}
        onPointerEnter={fetchAhead}
        onFocus={focused}
        onKeyDown={press}
      >
        <span className="conversation-title" dir="auto">
          {title}
        </span>
      </NavLink>
      {conversation.generation && <span className="conversation-busy" title={t("nav.writing")} />}
      {conversation.unread && !conversation.generation && !actions.shown && <span className="conversation-unread" role="img" aria-label={t("nav.unread")} title={t("nav.unread")} />}
      <ItemMenu title={title} pinned={conversation.pinned} onPin={actions.togglePin} onRemove={remove} onRename={rename} onOpen={setMenuOpen} />
    </div>
  );
});

/** What gets the keyboard focus when this link is removed. */
function neighbour(link: HTMLElement | null): HTMLElement | null {
  const links = [...document.querySelectorAll<HTMLElement>(".conversation-link")];
  const at = links.findIndex((other) => other === link);
  return links[at + 1] ?? links[at - 1] ?? document.querySelector<HTMLElement>(".new-chat");
}

interface ItemMenuProps {
  title: string;
  pinned: boolean;
  onPin(): void;
  onRemove(): void;
  onRename(): void;
  onOpen(open: boolean): void;
}

function ItemMenu({ title, pinned, onPin, onRemove, onRename, onOpen }: ItemMenuProps): ReactNode {
  const t = useT();
  const focusMoved = useRef(false);
  const movingFocus = (run: () => void) => () => {
    focusMoved.current = true;
    run();
  };
  return (
    <DropdownMenu.Root
      modal={false}
      onOpenChange={(open) => {
        focusMoved.current = false;
        onOpen(open);
      }}
    >
      <DropdownMenu.Trigger className="icon-button small conversation-menu" aria-label={t("nav.options", { title })}>
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
          <DropdownMenu.Separator />
          <DropdownMenu.Item className="danger" onSelect={movingFocus(onRemove)}>
            <Trash2 size={16} aria-hidden /> {t("nav.delete")} <kbd className="wide-only">{t("key.Del")}</kbd>
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
