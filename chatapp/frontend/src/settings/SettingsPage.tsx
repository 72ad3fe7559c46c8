import type { ReactNode } from "react";
import { useT } from "../i18n";
import { Part } from "../ui/Part";
import { useTitle } from "../ui/useTitle";
import { AppearanceSection } from "./AppearanceSection";
import { ArchiveSection } from "./ArchiveSection";
import { DevicesSection } from "./DevicesSection";
import { NewChatsSection } from "./NewChatsSection";
import { NotificationsSection } from "./NotificationsSection";
import { PasswordSection } from "./PasswordSection";
import { ProfileSection } from "./ProfileSection";
import { TrashSection } from "./TrashSection";

const SECTIONS = [ProfileSection, AppearanceSection, NewChatsSection, NotificationsSection, PasswordSection, DevicesSection, ArchiveSection, TrashSection];

export default function SettingsPage(): ReactNode {
  const t = useT();
  useTitle(t("settings.title"));
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
