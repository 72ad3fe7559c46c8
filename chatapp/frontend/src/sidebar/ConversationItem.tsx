import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Square, SquareCheckBig } from "lucide-react";
import { lazy, memo, useRef, useState, type DragEvent, type FocusEvent, type KeyboardEvent, type MouseEvent, type ReactNode } from "react";
import { NavLink } from "react-router";
import { tagsQuery } from "../api/order";
import { conversationQuery, messagesQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { isMac } from "../ui/isMac";
import { soon } from "../ui/late";
import { LateMenu } from "../ui/LateMenu";
import { TagDot } from "../ui/TagDot";
import { startDrag } from "./drag";
import { RenameField } from "./RenameField";
import { useConversationActions } from "./useConversationActions";
import { useLongPress } from "./useLongPress";

const fetchMenu = soon(() => import("./ItemMenu"));
const ItemMenu = lazy(fetchMenu);

const HAS_MOUSE = matchMedia("(hover: hover)").matches; // a finger that stays on a row selects it, and drags nothing

interface ConversationItemProps {
  conversation: Conversation;
  renaming: boolean;
  /** Starts renaming a conversation; null ends it. */
  onRename(id: string | null): void;
  /** Whether it is selected; null where none is, and a click opens it. */
  selected: boolean | null;
  /** Selects it or takes it out; or all between it and the one before. */
  onSelect(id: string, through: boolean): void;
}

/** One conversation: a link with its title, and a menu. */
export const ConversationItem = memo(function ConversationItem({ conversation, renaming, onRename, selected, onSelect }: ConversationItemProps): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const actions = useConversationActions();
  const shown = conversation.id === actions.shownId;
  const link = useRef<HTMLAnchorElement>(null);
  const [menuOpen, setMenuOpen] = useState(false);
  const title = conversation.title || t("nav.untitled");

  const fetchAhead = (): void => {
    void queries.prefetchQuery(messagesQuery(conversation.id));
    void queries.prefetchQuery(conversationQuery(conversation.id));
  };
  const rename = (): void => onRename(conversation.id);
  const remove = (): void => {
    const next = shown ? null : neighbour(link.current); // a new chat takes the focus by itself
    actions.remove(conversation);
    requestAnimationFrame(() => next?.focus());
  };
  // A click focuses the link too, but whoever clicked it means to read or write: their next key must not act on it.
  const focusedByKeyboard = useRef(false);
  const focused = ({ currentTarget }: FocusEvent): void => {
    focusedByKeyboard.current = currentTarget.matches(":focus-visible");
    fetchAhead();
  };
  const press = (event: KeyboardEvent): void => {
    if (!focusedByKeyboard.current && selected === null) return;
    if (event.key === " ") onSelect(conversation.id, event.shiftKey);
    else if (selected !== null) return; // the list knows the keys for all that are selected
    else if (event.key === "F2") rename();
    else if (event.key === "Delete") remove();
    else return;
    event.preventDefault();
  };
  const longPress = useLongPress(() => onSelect(conversation.id, false));
  const click = (event: MouseEvent): void => {
    const adds = isMac ? event.metaKey : event.ctrlKey;
    if (!longPress.wasHeld()) {
      if (selected === null && !adds && !event.shiftKey) return;
      onSelect(conversation.id, event.shiftKey);
    }
    event.preventDefault();
  };
  if (renaming) {
    const done = (changed: string | null): void => {
      onRename(null);
      if (changed !== null && changed !== conversation.title) actions.rename(conversation, changed);
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
        title={[title, conversation.tags.join(", ")].filter(Boolean).join(" · ")}
        onPointerEnter={fetchAhead}
        onFocus={focused}
        onKeyDown={press}
        onClick={click}
        {...longPress.handlers}
        draggable={HAS_MOUSE}
        onDragStart={(event: DragEvent) => startDrag(event, conversation.id)}
        data-id={conversation.id}
        role={selected === null ? undefined : "checkbox"}
        aria-checked={selected ?? undefined}
      >
        {selected !== null && (selected ? <SquareCheckBig size={16} aria-hidden /> : <Square size={16} aria-hidden />)}
        <span className="conversation-title" dir="auto">
          {title}
        </span>
        {conversation.tags.length > 0 && !conversation.generation && <TagDots tags={conversation.tags} />}
      </NavLink>
      {conversation.generation && <span className="conversation-busy" title={t("nav.writing")} />}
      {conversation.unread && !conversation.generation && !shown && <span className="conversation-unread" role="img" aria-label={t("nav.unread")} title={t("nav.unread")} />}
      {selected === null && (
        <LateMenu
          label={t("nav.options", { title: conversation.title || t("nav.untitled") })}
          className="icon-button small conversation-menu"
          icon={<Ellipsis size={17} aria-hidden />}
          fetch={fetchMenu}
        >
          <ItemMenu
            conversation={conversation}
            onPin={() => actions.togglePin(conversation)}
            onRemove={remove}
            onRename={rename}
            onSelect={() => onSelect(conversation.id, false)}
            onOpen={setMenuOpen}
          />
        </LateMenu>
      )}
    </div>
  );
});

const DOTS = 3; // at most: the title needs the place more

/** The colours of its tags. The link's title says their names. */
function TagDots({ tags }: { tags: readonly string[] }): ReactNode {
  const { data } = useQuery(tagsQuery);
  return tags.slice(0, DOTS).map((tag) => <TagDot key={tag} color={data?.find(({ name }) => name === tag)?.color} />);
}

/** What gets the keyboard focus when this link is removed. */
function neighbour(link: HTMLElement | null): HTMLElement | null {
  const links = [...document.querySelectorAll<HTMLElement>(".conversation-link")];
  const at = links.findIndex((other) => other === link);
  return links[at + 1] ?? links[at - 1] ?? document.querySelector<HTMLElement>(".new-chat");
}
