import { useQuery } from "@tanstack/react-query";
import { Check, Folder, FolderMinus, FolderPlus } from "lucide-react";
import type { ReactNode } from "react";
import { projectsQuery } from "../api/order";
import type { Conversation } from "../api/types";
import { useT } from "../i18n";
import { LoadFailed } from "../ui/LoadFailed";
import { Modal } from "../ui/Modal";
import { closeDialog, sidebarDialog } from "./dialogs";
import { useMove } from "./useMove";
import { whatOf } from "./whatOf";

/** Moves conversations into a project, or out of theirs. */
export function MoveDialog({ items }: { items: readonly Conversation[] }): ReactNode {
  const t = useT();
  const move = useMove();
  const { data: projects, error, refetch } = useQuery(projectsQuery);
  const all = (id: string | null): boolean => items.every((item) => (item.projectId ?? null) === id);
  const go = (id: string | null, name: string | null): void => {
    closeDialog();
    move(items, id, name);
  };
  return (
    <Modal title={t("move.title")} onClose={closeDialog}>
      <p dir="auto">{whatOf(items, t)}</p>
      {error && !projects && <LoadFailed text={t("projects.failed")} onRetry={() => void refetch()} />}
      <ul className="choices">
        {projects?.map(({ id, name }) => (
          <li key={id}>
            <button type="button" aria-current={all(id) || undefined} onClick={() => go(id, name)}>
              <Folder size={17} aria-hidden />
              <span dir="auto">{name}</span>
              {all(id) && <Check size={16} aria-hidden />}
            </button>
          </li>
        ))}
        <li>
          <button type="button" aria-current={all(null) || undefined} onClick={() => go(null, null)}>
            <FolderMinus size={17} aria-hidden />
            <span>{t("move.none")}</span>
            {all(null) && <Check size={16} aria-hidden />}
          </button>
        </li>
        <li>
          <button type="button" onClick={() => sidebarDialog.set({ kind: "project", project: null, items })}>
            <FolderPlus size={17} aria-hidden />
            <span>{t("projects.new")}</span>
          </button>
        </li>
      </ul>
    </Modal>
  );
}
