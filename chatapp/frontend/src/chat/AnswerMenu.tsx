import { useQuery } from "@tanstack/react-query";
import { Ellipsis, Pencil, RotateCcw } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useRef, type ReactNode } from "react";
import { modelsQuery } from "../api/queries";
import type { Message } from "../api/types";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
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
  const focusMoves = useRef(false);
  const edit = (): void => {
    focusMoves.current = true;
    openEdit(user.id, message.id, message.content);
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
