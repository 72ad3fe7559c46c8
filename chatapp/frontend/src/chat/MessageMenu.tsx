import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, GitFork, Link2, Pencil, RotateCcw, Star } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useRef, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { config } from "../api/config";
import { forkConversation } from "../api/conversations";
import { modelsQuery } from "../api/queries";
import type { Message } from "../api/types";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { newId } from "../lib/ids";
import { copyText } from "../ui/clipboard";
import { toast } from "../ui/toast";
import { toastError } from "../ui/toastError";
import { openEdit } from "./editing";
import { useReadOnly } from "./readOnly";
import { useMark } from "./useMark";

interface MessageMenuProps {
  message: Message;
  /** Asks another model for another answer. */
  onModel?(model: string): void;
}

/** The star of a message, and the menu of what else can be done with it. */
export function MessageMenu({ message, onModel }: MessageMenuProps): ReactNode {
  const t = useT();
  const user = useUser();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const focusMoves = useRef(false);
  const [starred, star] = useMark(message, "starred", false);
  const copyLink = (): void => {
    copyText(`${location.origin}${config.basePath}${linkTo(message.conversationId, message.id)}`).then(
      () => toast(t("thread.linkCopied")),
      () => toast(t("app.copyFailed")),
    );
  };
  const edit = (): void => {
    focusMoves.current = true;
    openEdit(user.id, message.id, message.content);
  };
  const fork = (): void => {
    forkConversation(queries, message, newId()).then(
      ({ id }) => navigate(`/c/${id}`),
      (error: unknown) => toastError(error, t),
    );
  };
  const isAnswer = message.role === "assistant";
  const readOnly = useReadOnly();
  return (
    <>
      {!readOnly && (
        <button type="button" className="icon-button small star" aria-label={t("thread.star")} title={t("thread.star")} aria-pressed={starred} onClick={() => star(!starred)}>
          <Star size={15} aria-hidden />
        </button>
      )}
      <DropdownMenu.Root modal={false} onOpenChange={() => (focusMoves.current = false)}>
        <DropdownMenu.Trigger className={isAnswer ? "icon-button small edit-message" : "icon-button small"} aria-label={t("thread.menu")} title={t("thread.menu")}>
          <Ellipsis size={15} aria-hidden />
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal container={document.getElementById("main")}>
          <DropdownMenu.Content
            className="menu scrolling"
            align="start"
            sideOffset={4}
            collisionPadding={8}
            onCloseAutoFocus={(event) => focusMoves.current && event.preventDefault()} // the field has it
          >
            <DropdownMenu.Item onSelect={copyLink}>
              <Link2 size={16} aria-hidden /> {t("thread.copyLink")}
            </DropdownMenu.Item>
            {isAnswer && message.content && !readOnly && (
              <DropdownMenu.Item onSelect={edit}>
                <Pencil size={16} aria-hidden /> {t("thread.edit")}
              </DropdownMenu.Item>
            )}
            <DropdownMenu.Item onSelect={fork}>
              <GitFork size={16} aria-hidden /> {t("thread.fork")}
            </DropdownMenu.Item>
            {onModel && <OtherModels onModel={onModel} />}
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </>
  );
}

function OtherModels({ onModel }: Required<Pick<MessageMenuProps, "onModel">>): ReactNode {
  const t = useT();
  const { data } = useQuery(modelsQuery);
  if (!data || data.items.length < 2) return null;
  return (
    <DropdownMenu.Group>
      <DropdownMenu.Separator />
      <DropdownMenu.Label className="menu-label">{t("thread.regenerateWith")}</DropdownMenu.Label>
      {data.items.map(({ id }) => (
        <DropdownMenu.Item key={id} onSelect={() => onModel(id)}>
          <RotateCcw size={16} aria-hidden /> <span dir="auto">{id}</span>
        </DropdownMenu.Item>
      ))}
    </DropdownMenu.Group>
  );
}

/** The address of one message. */
export const linkTo = (conversationId: string, messageId: string): string => `/c/${conversationId}/m/${messageId}`;
