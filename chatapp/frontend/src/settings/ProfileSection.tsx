import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { FormEvent, ReactNode } from "react";
import { api, unwrap } from "../api/client";
import { keys } from "../api/keys";
import { useUser } from "../auth/user";
import { useI18n } from "../i18n";
import { Field } from "../ui/Field";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";
import { Section } from "./Section";
import { Unsaved } from "./Unsaved";
import { useUnsaved } from "./useUnsaved";

export function ProfileSection(): ReactNode {
  const { t, time } = useI18n();
  const queries = useQueryClient();
  const user = useUser();
  const name = useUnsaved("name", user.name);
  const { mutate, error, isPending } = useMutation({
    mutationFn: (typed: string) => unwrap(api.PATCH("/api/auth/me", { body: { name: typed.trim() } })),
    onSuccess: (saved, typed) => {
      queries.setQueryData(keys.me, saved);
      name.done(typed);
      toast(t("app.saved"));
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!isPending) mutate(name.text);
  };
  return (
    <Section title={t("settings.profile")} lead={t("settings.profile.lead")}>
      <p className="settings-fact" dir="auto">
        {user.email}
        <span>{t("settings.since", { date: time(user.createdAt, { dateStyle: "long" }) })}</span>
      </p>
      <form className="form inline" onSubmit={submit}>
        <Field label={t("auth.name")} name="name" autoComplete="name" maxLength={100} value={name.text} onChange={(event) => name.change(event.target.value)} error={error ? errorText(error, t) : undefined} />
        <button type="submit" className="button">
          {t("app.save")}
        </button>
        <Unsaved changed={name.changed} />
      </form>
    </Section>
  );
}
