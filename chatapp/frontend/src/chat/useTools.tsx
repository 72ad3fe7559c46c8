import { Ellipsis } from "lucide-react";
import { lazy, useEffect, type RefObject } from "react";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { useStore } from "../lib/store";
import { isMac } from "../ui/isMac";
import { isTyping } from "../ui/isTyping";
import { late, soon } from "../ui/late";
import { LateMenu } from "../ui/LateMenu";
import type { ThreadHandle } from "./Thread";
import { isReadOnly } from "./readOnly";
import { closeTool, openTool } from "./tool";

const fetchMenu = soon(() => import("./ToolsMenu"));
const ToolsMenu = lazy(fetchMenu);
const FindBar = late(() => import("./FindBar"));
const TreeMap = late(() => import("./TreeMap"));
const Whole = late(() => import("./Whole"));

/** What can be done with all of a conversation: the menu that leads there, and what is open of it. */
export function useTools(conversationId: string | null, thread: RefObject<ThreadHandle | null>, conversation: Conversation | undefined) {
  const tool = useStore(openTool);
  useEffect(() => closeTool, []);
  useKeys(conversationId !== null);
  const t = useT();
  if (conversationId === null) return { menu: null, open: null };
  const open =
    tool &&
    tool !== "settings" &&
    (tool === "find" ? (
      <FindBar conversationId={conversationId} thread={thread} onClose={closeTool} />
    ) : tool === "map" ? (
      <TreeMap conversationId={conversationId} activeId={conversation?.activeMessageId ?? null} readOnly={isReadOnly(conversation)} onClose={closeTool} />
    ) : (
      <Whole conversationId={conversationId} title={conversation?.title ?? ""} goal={tool} onDone={closeTool} />
    ));
  const menu = (
    <LateMenu label={t("whole.menu")} className="icon-button chat-tools" icon={<Ellipsis size={19} aria-hidden />} fetch={fetchMenu}>
      <ToolsMenu />
    </LateMenu>
  );
  return { menu, open };
}

/**
 * Ctrl+A, Ctrl+F and Ctrl+P (Command on a Mac) are the page's own where a conversation is shown, because the browser's see
 * only what is on the screen. In a field, Ctrl+A is the browser's, and in the open one of find, so is Ctrl+F.
 */
function useKeys(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const press = (event: KeyboardEvent): void => {
      const tool = ({ a: "select", f: "find", p: "print" } as const)[event.key.toLowerCase()];
      if (!tool || !(isMac ? event.metaKey : event.ctrlKey) || event.shiftKey || event.altKey || event.defaultPrevented) return;
      if (tool === "select" && isTyping(event.target)) return;
      if (document.querySelector("[role=dialog]") || (tool === "find" && document.activeElement?.id === "find")) return;
      event.preventDefault();
      openTool.set(tool);
      document.getElementById(tool)?.focus(); // it may be open
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [active]);
}
