import { useQueryClient } from "@tanstack/react-query";
import { Hourglass } from "lucide-react";
import type { ReactNode } from "react";
import { useNavigate } from "react-router";
import { deletePermanently, saveConversation } from "../api/conversations";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { toast } from "../ui/toast";
import { toastError } from "../ui/toastError";
import { writeDraft } from "./drafts";

/** Says that a chat is temporary, keeps it, or closes it, with which it is gone. */
export function TemporaryNotice({ id }: { id: string }): ReactNode {
  const t = useT();
  const user = useUser();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const keep = (): void => {
    saveConversation(queries, id, { temporary: false }).then(
      () => toast(t("temporary.kept")),
      (error: unknown) => toastError(error, t),
    );
  };
  const close = (): void => {
    void navigate("/");
    deletePermanently(queries, id).then(
      () => {
        writeDraft(user.id, id, "");
        toast(t("temporary.gone"));
      },
      (error: unknown) => {
        void navigate(`/c/${id}`);
        toastError(error, t);
      },
    );
  };
  return (
    <div className="place-notice">
      <span>
        <Hourglass size={14} aria-hidden /> {t("temporary.chat")}
      </span>
      <button type="button" className="button small" onClick={keep}>
        {t("temporary.keep")}
      </button>
      <button type="button" className="button small" onClick={close}>
        {t("temporary.close")}
      </button>
    </div>
  );
}
