import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { deleteAll } from "../api/order";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { Field } from "../ui/Field";
import { Modal } from "../ui/Modal";
import { toast } from "../ui/toast";
import { Section } from "./Section";

/** Deletes every conversation for good, once the person has typed that they mean it. */
export function DeleteAllSection(): ReactNode {
  const t = useT();
  const [open, setOpen] = useState(false);
  return (
    <Section title={t("settings.deleteAll")} lead={t("settings.deleteAll.lead")}>
      <div>
        <button type="button" className="button danger" onClick={() => setOpen(true)}>
          {t("settings.deleteAll.open")}
        </button>
      </div>
      {open && <Confirmation onClose={() => setOpen(false)} />}
    </Section>
  );
}

function Confirmation({ onClose }: { onClose(): void }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const [typed, setTyped] = useState("");
  const word = t("settings.deleteAll.word");
  const deletion = useMutation({
    mutationFn: () => deleteAll(queries),
    onSuccess: () => {
      toast(t("settings.deleteAll.done"));
      onClose();
    },
  });
  const meant = typed.trim().toLocaleLowerCase() === word && !deletion.isPending;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (meant) deletion.mutate();
  };
  return (
    <Modal title={t("settings.deleteAll.title")} onClose={onClose}>
      <p>{t("settings.deleteAll.text")}</p>
      <form className="form" onSubmit={submit}>
        <Field
          label={t("settings.deleteAll.type", { word })}
          value={typed}
          autoComplete="off"
          autoCapitalize="none"
          error={deletion.error ? errorText(deletion.error, t) : undefined}
          onChange={(event) => setTyped(event.target.value)}
        />
        <div className="dialog-actions">
          <button type="button" className="button" onClick={onClose}>
            {t("app.cancel")}
          </button>
          <button type="submit" className="button danger" aria-disabled={!meant}>
            {t("settings.deleteAll.open")}
          </button>
        </div>
      </form>
    </Modal>
  );
}
