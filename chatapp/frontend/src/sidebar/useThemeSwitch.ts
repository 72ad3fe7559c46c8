import { useSaveSettings } from "../auth/useSaveSettings";
import { applyTheme, shownTheme, useShownTheme } from "../ui/theme";

/** Switches between light and dark, here and for the account. */
export function useThemeSwitch(): { shown: "light" | "dark"; toggle: () => void } {
  const shown = useShownTheme();
  const save = useSaveSettings();
  return {
    shown,
    toggle() {
      const theme = shownTheme() === "dark" ? "light" : "dark";
      applyTheme(theme);
      save.mutate({ theme });
    },
  };
}
