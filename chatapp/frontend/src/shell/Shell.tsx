import { Menu, PanelLeft, SquarePen } from "lucide-react";
import { useEffect, useState, type ReactNode } from "react";
import { useLocation, useMatch, useNavigate } from "react-router";
import { useT } from "../i18n";
import { useStore } from "../lib/store";
import { sidebarDialog } from "../sidebar/dialogs";
import { Sidebar } from "../sidebar/Sidebar";
import { keepFocus } from "../ui/keepFocus";
import { fetchLate, late } from "../ui/late";
import { Part } from "../ui/Part";
import { Connection } from "./Connection";
import { useSidebar, useSidebarFocus } from "./useDrawer";
import { useShortcuts } from "./useShortcuts";
import { useShownConversation } from "./useShownConversation";

const SidebarDialogs = late(() => import("../sidebar/SidebarDialogs"));
const PaletteDialog = late(() => import("../search/PaletteDialog"));
const ShortcutsDialog = late(() => import("./ShortcutsDialog"));
const HitBar = late(() => import("../search/HitBar"));

/** The frame of every signed-in page: the sidebar (a drawer on a phone) and the page beside it. */
export function Shell({ children }: { children: ReactNode }): ReactNode {
  const t = useT();
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const { open, drawer, show } = useSidebar();
  const [help, setHelp] = useState<boolean | null>(null); // null: it has not been needed yet
  const [palette, setPalette] = useState<boolean | null>(null);
  const dialog = useStore(sidebarDialog);
  const toggle = (): void => show(!open);
  const newChat = (): void => void navigate("/");
  useSidebarFocus(open, drawer);
  useEffect(() => document.querySelector(".skeleton")?.remove(), []);
  useEffect(() => {
    const left = new AbortController();
    keepFocus(left.signal);
    return () => left.abort();
  }, []);
  useEffect(fetchLate, []);
  const shown = useShownConversation();
  const found = useMatch("/c/:conversationId/m/:messageId")?.params;
  const actions = { ...shown, newChat, toggleSidebar: toggle, search: () => setPalette(true), help: () => setHelp(true) };
  useShortcuts(actions);
  return (
    <div className="shell" data-sidebar={open ? "open" : "closed"}>
      <a className="skip-link" href="#main">
        {t("app.skip")}
      </a>
      {open && (
        <Part>
          <Sidebar drawer={drawer} onClose={toggle} onNewChat={newChat} onSearch={actions.search} onHelp={actions.help} />
        </Part>
      )}
      {open && <div className="scrim" onClick={toggle} aria-hidden="true" />}
      <div className="page" inert={drawer}>
        <Connection />
        {!open && (
          <div className="page-tools">
            <button type="button" className="icon-button" aria-label={t("nav.open")} title={t("nav.open")} onClick={toggle}>
              <PanelLeft className="wide-only" size={20} aria-hidden />
              <Menu className="phone-only" size={22} aria-hidden />
            </button>
            <button type="button" className="icon-button" aria-label={t("nav.newChat")} title={t("nav.newChat")} onClick={newChat}>
              <SquarePen size={19} aria-hidden />
            </button>
          </div>
        )}
        <main id="main" tabIndex={-1}>
          <Part main shows={pathname}>
            {children}
          </Part>
          {found && new URLSearchParams(search).has("q") && <HitBar conversationId={found.conversationId!} messageId={found.messageId!} />}
        </main>
      </div>
      {dialog && <SidebarDialogs dialog={dialog} />}
      {palette !== null && <PaletteDialog open={palette} onOpenChange={setPalette} actions={actions} />}
      {help !== null && <ShortcutsDialog open={help} onOpenChange={setHelp} />}
    </div>
  );
}
