import { Keyboard, ListFilter, LogOut, Moon, PanelLeftClose, Search, Settings, SquarePen, Star, Sun } from "lucide-react";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { Link, NavLink } from "react-router";
import { listFilter } from "../api/listFilter";
import { useProject } from "../api/useProject";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { useStore } from "../lib/store";
import { isComposing } from "../ui/composing";
import { firstCharacter } from "../ui/firstCharacter";
import { isMac } from "../ui/isMac";
import { Logo } from "../ui/Logo";
import { Part } from "../ui/Part";
import { ConversationList } from "./ConversationList";
import { useLogOut } from "./useLogOut";
import { useThemeSwitch } from "./useThemeSwitch";

const OrderSection = lazy(() => import("./OrderSection"));

interface SidebarProps {
  /** It covers the page, which cannot be reached until the sidebar is closed. */
  drawer: boolean;
  onClose(): void;
  onNewChat(): void;
  onSearch(): void;
  onHelp(): void;
}

export function Sidebar({ drawer, onClose, onNewChat, onSearch, onHelp }: SidebarProps): ReactNode {
  const t = useT();
  const [filter, setFilter] = useState("");
  return (
    <div className="sidebar" role={drawer ? "dialog" : "complementary"} aria-modal={drawer || undefined} aria-label={t("nav.conversations")}>
      <div className="sidebar-head">
        <Link className="brand" to="/" aria-label={t("app.name")}>
          <Logo size={28} />
          <span>{t("app.name")}</span>
        </Link>
        <button type="button" className="icon-button" aria-label={t("nav.close")} title={t("nav.close")} onClick={onClose}>
          <PanelLeftClose size={19} aria-hidden />
        </button>
      </div>
      <button type="button" className="new-chat" onClick={onNewChat}>
        <SquarePen size={17} aria-hidden />
        <NewChatLabel />
      </button>
      <button type="button" className="open-search" aria-haspopup="dialog" aria-keyshortcuts="Control+K Meta+K" onClick={onSearch}>
        <Search size={16} aria-hidden />
        {t("search.title")}
        <kbd aria-hidden>{isMac ? "⌘K" : `${t("key.Ctrl")} K`}</kbd>
      </button>
      <div className="filter">
        <ListFilter size={15} aria-hidden />
        <input
          id="conversation-filter"
          type="search"
          dir="auto"
          value={filter}
          aria-label={t("nav.filter")}
          placeholder={t("nav.filter")}
          onChange={(event) => setFilter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Escape" && filter && !isComposing(event.nativeEvent)) {
              event.preventDefault();
              setFilter("");
            }
          }}
        />
      </div>
      <NavLink className="sidebar-link" to="/starred">
        <Star size={15} aria-hidden />
        {t("starred.title")}
      </NavLink>
      <Part>
        <Suspense fallback={<div className="order" />}>
          <OrderSection />
        </Suspense>
      </Part>
      <Part>
        <ConversationList filter={filter.trim()} />
      </Part>
      <SidebarFoot onHelp={onHelp} />
    </div>
  );
}

/** Says where a new chat goes: into the project that is listed. */
function NewChatLabel(): ReactNode {
  const t = useT();
  const project = useProject(useStore(listFilter).projectId);
  return <span className="conversation-title">{project ? t("projects.newChat", { name: project.name }) : t("nav.newChat")}</span>;
}

function SidebarFoot({ onHelp }: { onHelp(): void }): ReactNode {
  const t = useT();
  const user = useUser();
  const logOut = useLogOut();
  const { shown, toggle } = useThemeSwitch();
  const name = user.name || user.email;
  return (
    <div className="sidebar-foot">
      <Link className="account-link" to="/settings" title={t("nav.settings")}>
        <span className="avatar" aria-hidden="true">
          {firstCharacter(name).toUpperCase()}
        </span>
        <span className="account-name" dir="auto">
          {name}
        </span>
        <span className="visually-hidden">{t("nav.settings")}</span>
        <Settings size={16} aria-hidden />
      </Link>
      <button type="button" className="icon-button" aria-label={t("nav.theme")} title={t("nav.theme")} onClick={toggle}>
        {shown === "dark" ? <Sun size={18} aria-hidden /> : <Moon size={18} aria-hidden />}
      </button>
      <button type="button" className="icon-button wide-only" aria-label={t("nav.shortcuts")} title={`${t("nav.shortcuts")} (?)`} onClick={onHelp}>
        <Keyboard size={18} aria-hidden />
      </button>
      <button type="button" className="icon-button" aria-label={t("auth.logout")} title={t("auth.logout")} onClick={logOut}>
        <LogOut size={18} aria-hidden />
      </button>
    </div>
  );
}
