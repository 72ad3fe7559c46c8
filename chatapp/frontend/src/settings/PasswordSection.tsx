import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, type FormEvent, type ReactNode } from "react";
import { api, unwrap } from "../api/client";
import { keys } from "../api/keys";
import { authError } from "../auth/authError";
import { useUser } from "../auth/user";
import { useT } from "../i18n";
import { PasswordField } from "../ui/PasswordField";
import { Problem } from "../ui/Problem";
import { toast } from "../ui/toast";
import { Section } from "./Section";

export function PasswordSection(): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const user = useUser();
  const form = useRef<HTMLFormElement>(null);
  const { mutate, error, isPending } = useMutation({
    mutationFn: (body: { currentPassword: string; newPassword: string }) => unwrap(api.POST("/api/auth/password", { body })),
    onSuccess: () => {
      form.current?.reset();
      toast(t("settings.password.changed"));
      void queries.invalidateQueries({ queryKey: keys.signIns });
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    if (isPending) return;
    mutate({ currentPassword: String(data.get("current")), newPassword: String(data.get("new")) });
  };
  const wrong = error ? authError(error, t) : null;
  return (
    <Section title={t("settings.password")} lead={t("settings.password.lead")}>
      <form className="form" ref={form} onSubmit={submit}>
        <input className="visually-hidden" name="username" autoComplete="username" defaultValue={user.email} readOnly tabIndex={-1} aria-hidden="true" />
        <PasswordField label={t("settings.password.current")} name="current" autoComplete="current-password" error={wrong?.fields.currentPassword} />
        <PasswordField label={t("settings.password.new")} name="new" autoComplete="new-password" minLength={8} hint={t("auth.passwordHint")} error={wrong?.fields.newPassword} />
        {wrong?.general && (
          <div className="form-error" role="alert">
          <Problem text={wrong.general} details={wrong.details} />
        </div>
        )}
        <div>
          <button type="submit" className="button" aria-disabled={isPending}>
            {t("settings.password.change")}
          </button>
        </div>
      </form>
    </Section>
  );
}
