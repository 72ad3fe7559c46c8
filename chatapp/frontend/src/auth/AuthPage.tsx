import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent, type ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { config } from "../api/config";
import { useT } from "../i18n";
import { Field } from "../ui/Field";
import { Logo } from "../ui/Logo";
import { PasswordField } from "../ui/PasswordField";
import { Problem } from "../ui/Problem";
import { useTitle } from "../ui/useTitle";
import { authError } from "./authError";
import { becomeUser } from "./becomeUser";
import { login, register } from "./calls";

/** The log-in page and the registration page. */
export function AuthPage({ mode }: { mode: "login" | "register" }): ReactNode {
  const t = useT();
  const { search } = useLocation();
  useTitle(t(mode === "login" ? "auth.login" : "auth.register"));
  const closed = mode === "register" && !config.registrationOpen;
  return (
    <main className="auth">
      <section className="auth-card" aria-labelledby="auth-title">
        <Logo size={44} />
        <h1 id="auth-title">{t(`auth.${mode}.title`)}</h1>
        <p className="auth-lead">{closed ? t("auth.register.closed") : t(`auth.${mode}.lead`)}</p>
        {!closed && <AuthForm key={mode} mode={mode} />}
        {(mode === "register" || config.registrationOpen) && (
          <p className="auth-other">
            {t(`auth.${mode}.other`)}{" "}
            <Link to={{ pathname: mode === "login" ? "/register" : "/login", search }}>{t(`auth.${mode}.otherLink`)}</Link>
          </p>
        )}
      </section>
      <p className="auth-tagline">{t("app.tagline")}</p>
    </main>
  );
}

function AuthForm({ mode }: { mode: "login" | "register" }): ReactNode {
  const t = useT();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const { mutate, error, isPending } = useMutation({
    mutationFn: (form: FormData) => (mode === "login" ? login(form) : register(form)),
    onSuccess: (user) => {
      becomeUser(queries, user);
    },
  });
  const wrong = error ? authError(error, t) : null;
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!isPending) mutate(new FormData(event.currentTarget));
  };
  return (
    <form className="form" onSubmit={submit}>
      {mode === "register" && (
        <Field autoFocus label={t("auth.name")} remark={t("auth.optional")} name="name" autoComplete="name" maxLength={100} error={wrong?.fields.name} />
      )}
      <Field
        autoFocus={mode === "login"}
        label={t("auth.email")}
        name="email"
        type="email"
        autoComplete="username"
        required
        maxLength={254}
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={wrong?.fields.email}
      />
      <PasswordField
        label={t("auth.password")}
        name="password"
        autoComplete={mode === "login" ? "current-password" : "new-password"}
        {...(mode === "register" ? { hint: t("auth.passwordHint"), minLength: 8 } : {})}
        error={wrong?.fields.password}
      />
      {mode === "login" && (
        <label className="check">
          <input type="checkbox" name="remember" defaultChecked />
          <span>{t("auth.remember")}</span>
        </label>
      )}
      {wrong?.general && (
        <div className="form-error" role="alert">
          <Problem text={wrong.general} details={wrong.details} />
        </div>
      )}
      <button type="submit" className="button primary wide" aria-disabled={isPending}>
        {t(mode === "login" ? "auth.login" : "auth.register")}
      </button>
    </form>
  );
}
