import { Archive, Bell, Clipboard, KeyRound, Keyboard, LogOut, MessageSquarePlus, MonitorSmartphone, Moon, Palette, PanelLeft, Search, Settings, SquarePen, Star, Tag, Trash2, UserRound, type LucideIcon } from "lucide-react";
import { useNavigate } from "react-router";
import { useT, type Key } from "../i18n";
import { useLogOut } from "../sidebar/useLogOut";
import { useThemeSwitch } from "../sidebar/useThemeSwitch";

/** What the frame of the page can do. */
export interface ShellActions {
  newChat(): void;
  toggleSidebar(): void;
  help(): void;
  copyLastAnswer(): void;
}

export interface Command {
  name: string;
  /** What it belongs to, where its name does not say. */
  part?: string;
  icon: LucideIcon;
  run(): void;
}

const SETTINGS: readonly (readonly [Key, LucideIcon])[] = [
  ["settings.profile", UserRound],
  ["settings.look", Palette],
  ["settings.chat", MessageSquarePlus],
  ["settings.notify", Bell],
  ["settings.password", KeyRound],
  ["settings.devices", MonitorSmartphone],
  ["tags.title", Tag],
  ["settings.archive", Archive],
  ["settings.trash", Trash2],
  ["settings.deleteAll", Trash2],
];

/** Everything that can be done or set, by name. */
export function useCommands(actions: ShellActions): Command[] {
  const t = useT();
  const navigate = useNavigate();
  const theme = useThemeSwitch();
  const logOut = useLogOut();
  const to = (path: string) => (): void => void navigate(path);
  return [
    { name: t("nav.newChat"), icon: SquarePen, run: actions.newChat },
    { name: t("search.title"), icon: Search, run: to("/search") },
    { name: t("starred.title"), icon: Star, run: to("/starred") },
    { name: t("shortcuts.copy"), icon: Clipboard, run: actions.copyLastAnswer },
    { name: t("shortcuts.sidebar"), icon: PanelLeft, run: actions.toggleSidebar },
    { name: t("nav.theme"), icon: Moon, run: theme.toggle },
    { name: t("nav.shortcuts"), icon: Keyboard, run: actions.help },
    { name: t("nav.settings"), icon: Settings, run: to("/settings") },
    ...SETTINGS.map(([key, icon]) => ({ name: t(key), part: t("nav.settings"), icon, run: to(`/settings#${encodeURIComponent(t(key))}`) })),
    { name: t("auth.logout"), icon: LogOut, run: logOut },
  ];
}
