import { applyTheme, shownTheme, useShownTheme } from "../app/theme";
import { useSaveSettings } from "../settings/useSaveSettings";

/** Turns light into dark and back, here and for the account. */
export function useThemeSwitch(): { shown: "light" | "dark"; change: () => void } {
  const shown = useShownTheme();
  const save = useSaveSettings();
  return {
    shown,
    change() {
      const theme = shownTheme() === "dark" ? "light" : "dark";
      applyTheme(theme);
      save.mutate({ theme });
    },
  };
}
