import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, GitFork, Pencil, RotateCcw } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useRef, type ReactNode } from "react";
import { useNavigate } from "react-router";
import { forkConversation } from "../api/conversations";
import { modelsQuery } from "../api/queries";
import type { Message } from "../api/types";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { newId } from "../lib/ids";
import { toastError } from "../ui/toastError";
import { openEdit } from "./editing";

interface AnswerMenuProps {
  message: Message;
  /** Asks another model for another answer. */
  onModel(model: string): void;
}

/** What is rarely done with an answer. */
export function AnswerMenu({ message, onModel }: AnswerMenuProps): ReactNode {
  const t = useT();
  const user = useUser();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const focusMoves = useRef(false);
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
  return (
    <DropdownMenu.Root modal={false} onOpenChange={() => (focusMoves.current = false)}>
      <DropdownMenu.Trigger className="icon-button small edit-message" aria-label={t("thread.actions")} title={t("thread.actions")}>
        <Ellipsis size={16} aria-hidden />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal container={document.getElementById("main")}>
        <DropdownMenu.Content
          className="menu scrolling"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={(event) => focusMoves.current && event.preventDefault()} // the field has it
        >
          {message.content && (
            <DropdownMenu.Item onSelect={edit}>
              <Pencil size={16} aria-hidden /> {t("thread.edit")}
            </DropdownMenu.Item>
          )}
          <DropdownMenu.Item onSelect={fork}>
            <GitFork size={16} aria-hidden /> {t("thread.fork")}
          </DropdownMenu.Item>
          <OtherModels onModel={onModel} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function OtherModels({ onModel }: Pick<AnswerMenuProps, "onModel">): ReactNode {
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
