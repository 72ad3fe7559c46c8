import { Ellipsis, FileDown, Network, Printer, Search, TextSelect } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { useT } from "../i18n";
import { openTool, type Tool } from "./tool";

/** The tools for all of a conversation. It is open when it comes. */
export default function ToolsMenu(): ReactNode {
  const t = useT();
  const open = (tool: Tool) => (): void => openTool.set(tool);
  return (
    <DropdownMenu.Root defaultOpen modal={false}>
      <DropdownMenu.Trigger className="icon-button chat-tools" aria-label={t("whole.menu")} title={t("whole.menu")}>
        <Ellipsis size={19} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={document.getElementById("main")}>
        <DropdownMenu.Content className="menu" align="end" sideOffset={4}>
          <DropdownMenu.Item onSelect={() => setTimeout(open("find"))}>
            <Search size={16} aria-hidden /> {t("find.label")}
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={() => setTimeout(open("map"))}>
            <Network size={16} aria-hidden /> {t("map.title")}
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={open("select")}>
            <TextSelect size={16} aria-hidden /> {t("whole.select")}
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={open("print")}>
            <Printer size={16} aria-hidden /> {t("whole.print")}
          </DropdownMenu.Item>
          <DropdownMenu.Item onSelect={open("save")}>
            <FileDown size={16} aria-hidden /> {t("whole.save")}
          </DropdownMenu.Item>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
