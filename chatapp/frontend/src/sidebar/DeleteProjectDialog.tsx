import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { deleteProject } from "../api/order";
import type { Project } from "../api/types";
import { useT } from "../i18n";
import { Modal } from "../ui/Modal";
import { toastError } from "../ui/toastError";
import { closeDialog } from "./dialogs";

export function DeleteProjectDialog({ project }: { project: Project }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const deletion = useMutation({
    mutationFn: () => deleteProject(queries, project.id),
    onSuccess: closeDialog,
    onError: (error) => toastError(error, t),
  });
  return (
    <Modal title={t("projects.delete.title", { name: project.name })} onClose={closeDialog}>
      <p>{t("projects.delete.text")}</p>
      <div className="dialog-actions">
        <button type="button" className="button" onClick={closeDialog}>
          {t("app.cancel")}
        </button>
        <button type="button" className="button danger" aria-disabled={deletion.isPending} onClick={() => !deletion.isPending && deletion.mutate()}>
          {t("projects.delete")}
        </button>
      </div>
    </Modal>
  );
}
