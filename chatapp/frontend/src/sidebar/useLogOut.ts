import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { api, unwrap } from "../api/client";
import { becomeUser } from "../auth/becomeUser";
import { signIn } from "../auth/signIn";
import { useT } from "../i18n";
import { errorText } from "../ui/errorText";
import { toast } from "../ui/toast";

/** Ends the sign-in and forgets everything of the person that is in memory. Drafts stay for their return. */
export function useLogOut(): () => void {
  const t = useT();
  const queries = useQueryClient();
  const navigate = useNavigate();
  return () => {
    unwrap(api.POST("/api/auth/logout")).then(
      async () => {
        signIn.left();
        await navigate("/login");
        becomeUser(queries, null);
      },
      (error: unknown) => toast(errorText(error, t)),
    );
  };
}
