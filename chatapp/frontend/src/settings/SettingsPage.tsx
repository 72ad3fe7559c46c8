import { useEffect, type ReactNode } from "react";
import { useLocation } from "react-router";
import { useT } from "../i18n";
import { Part } from "../ui/Part";
import { useTitle } from "../ui/useTitle";
import { AppearanceSection } from "./AppearanceSection";
import { ArchiveSection } from "./ArchiveSection";
import { DeleteAllSection } from "./DeleteAllSection";
import { DevicesSection } from "./DevicesSection";
import { NewChatsSection } from "./NewChatsSection";
import { NotificationsSection } from "./NotificationsSection";
import { PasswordSection } from "./PasswordSection";
import { ProfileSection } from "./ProfileSection";
import { TagsSection } from "./TagsSection";
import { TrashSection } from "./TrashSection";

const SECTIONS = [ProfileSection, AppearanceSection, NewChatsSection, NotificationsSection, PasswordSection, DevicesSection, TagsSection, ArchiveSection, TrashSection, DeleteAllSection];

export default function SettingsPage(): ReactNode {
  const t = useT();
  useTitle(t("settings.title"));
  const { hash, key } = useLocation();
  useEffect(() => document.getElementById(decodeURIComponent(hash.slice(1)))?.scrollIntoView(), [hash, key]);
  return (
    <div className="settings">
      <div className="settings-column">
        <h1>{t("settings.title")}</h1>
        {SECTIONS.map((Section, at) => (
          <Part key={at}>
            <Section />
          </Part>
        ))}
      </div>
    </div>
  );
}
