import { Ellipsis, Link2, Star } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { config } from "../api/config";
import type { Message } from "../api/types";
import { useT } from "../i18n";
import { copyText } from "../ui/clipboard";
import { toast } from "../ui/toast";
import { useMark } from "./useMark";

/** The star of a message, and the menu of what else can be done with it. */
export function MessageMenu({ message }: { message: Message }): ReactNode {
  const t = useT();
  const [starred, star] = useMark(message, "starred", false);
  const copyLink = (): void => {
    copyText(`${location.origin}${config.basePath}${linkTo(message.conversationId, message.id)}`).then(
      () => toast(t("thread.linkCopied")),
      () => toast(t("app.copyFailed")),
    );
  };
  return (
    <>
      <button type="button" className="icon-button small star" aria-label={t("thread.star")} title={t("thread.star")} aria-pressed={starred} onClick={() => star(!starred)}>
        <Star size={15} aria-hidden />
      </button>
      <DropdownMenu.Root modal={false}>
        <DropdownMenu.Trigger className="icon-button small" aria-label={t("thread.menu")} title={t("thread.menu")}>
          <Ellipsis size={15} aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal container={document.getElementById("main")}>
          <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8}>
            <DropdownMenu.Item onSelect={copyLink}>
              <Link2 size={16} aria-hidden /> {t("thread.copyLink")}
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </>
  );
}

/** The address of one message. */
export const linkTo = (conversationId: string, messageId: string): string => `/c/${conversationId}/m/${messageId}`;
