import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { api, unwrap } from "../api/client";
import { signIn } from "../api/signIn";
import { becomeUser } from "../auth/becomeUser";
import { announce } from "../auth/tabs";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";

/** Ends the sign-in and drops everything of theirs from memory, in all tabs. Drafts stay for their return. */
export function useLogOut(): () => void {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return () => {
    unwrap(api.POST("/api/auth/logout")).then(
      async () => {
        signIn.end();
        announce(null);
        await navigate("/login");
        becomeUser(queries, null);
      },
      (error: unknown) => toastError(error, t),
    );
  };
}
