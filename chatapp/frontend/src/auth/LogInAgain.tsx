import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Dialog } from "radix-ui";
import { useLayoutEffect, type FormEvent, type ReactNode } from "react";
import { retryFailed } from "../api/cache";
import { config } from "../api/config";
import { keys } from "../api/keys";
import { signIn } from "../api/signIn";
import { useT } from "../i18n";
import { useStore } from "../lib/store";
import { PasswordField } from "../ui/PasswordField";
import { useFocusBack } from "../ui/useFocusBack";
import { useTitle } from "../ui/useTitle";
import { authError } from "./authError";
import { isRemembered, login } from "./calls";
import { announce } from "./tabs";
import { useUser } from "./user";

/** Asks for the password over the page when the sign-in has ended, so that nothing on the page is lost. */
export default function LogInAgain(): ReactNode {
  const t = useT();
  const user = useUser();
  const queries = useQueryClient();
  const expired = useStore(signIn.expired);
  const focusBack = useFocusBack();
  const { mutate, error, isPending } = useMutation({
    mutationFn: login,
    onSuccess: (user) => {
      queries.setQueryData(keys.me, user);
      signIn.start();
      announce(user.id);
      retryFailed(queries);
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (!isPending) mutate(new FormData(event.currentTarget));
  };
  const wrong = error ? authError(error, t) : null;
  return (
    <Dialog.Root open={expired}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Veil />
        <Dialog.Content className="dialog log-in-again" {...focusBack} onEscapeKeyDown={(event) => event.preventDefault()}>
          <Dialog.Title>{t("auth.again.title")}</Dialog.Title>
          <Dialog.Description>{t("auth.again.lead")}</Dialog.Description>
          <form className="form" onSubmit={submit}>
            <input type="hidden" name="email" value={user.email} />
            {isRemembered() && <input type="hidden" name="remember" value="on" />}
            <p className="dialog-account" dir="auto">
              {user.email}
            </p>
            <PasswordField
              label={t("auth.password")}
              name="password"
              autoComplete="current-password"
              error={wrong?.general ?? wrong?.fields.password}
            />
            <div className="dialog-actions">
              <a className="button" href={`${config.basePath}/login`}>
                {t("auth.again.leave")}
              </a>
              <button type="submit" className="button primary" aria-disabled={isPending}>
                {t("auth.login")}
              </button>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Hides the page, which shows conversations, from whoever comes to the screen now. What is typed there stays. */
function Veil(): ReactNode {
  useTitle(useT()("auth.again.title"));
  useLayoutEffect(() => {
    document.body.dataset.veiled = "";
    return () => void delete document.body.dataset.veiled;
  }, []);
  return null;
}
