import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import { keys } from "../api/keys";
import type { SettingsUpdate } from "../api/types";
import { useT } from "../i18n";
import { toastError } from "../ui/toastError";

/** Saves some of the person's settings. The server keeps those that are not named. */
export function useSaveSettings() {
  const t = useT();
  const queries = useQueryClient();
  return useMutation({
    scope: { id: "settings" }, // one after the other, so that the last one stays
    mutationFn: (settings: SettingsUpdate) => unwrap(api.PATCH("/api/auth/me", { body: { settings } })),
    onSuccess: (saved) => queries.setQueryData(keys.me, saved),
    onError: (error) => toastError(error, t),
  });
}
