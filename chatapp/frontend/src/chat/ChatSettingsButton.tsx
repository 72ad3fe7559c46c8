import { useQuery } from "@tanstack/react-query";
import { SlidersHorizontal } from "lucide-react";
import type { ReactNode } from "react";
import { modelsQuery } from "../api/queries";
import type { Conversation } from "../api/types";
import { useProject } from "../api/useProject";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { useStore } from "../lib/store";
import { late } from "../ui/late";
import { defaultsOf, differing } from "./chatDefaults";
import { closeTool, openTool } from "./tool";

const ChatSettingsDialog = late(() => import("./ChatSettingsDialog"));

/** Opens the settings of this chat. A dot tells that something in them is not as usual. */
export function ChatSettingsButton({ conversation }: { conversation: Conversation }): ReactNode {
  const t = useT();
  const { data: models } = useQuery(modelsQuery);
  const open = useStore(openTool) === "settings";
  const project = useProject(conversation.projectId);
  const changed = differing(conversation, defaultsOf(useUser(), models, project), models, project).length > 0;
  const name = t(changed ? "chat.settings.changed" : "chat.settings");
  return (
    <>
      <button type="button" className="icon-button chat-settings" aria-label={name} title={name} aria-haspopup="dialog" onClick={() => openTool.set("settings")}>
        <SlidersHorizontal size={18} aria-hidden />
        {changed && <i className="changed-dot" />}
      </button>
      {open && <ChatSettingsDialog conversation={conversation} onClose={closeTool} />}
    </>
  );
}
