/** Texts, numbers and times in the person's language. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { writeText } from "../lib/storage";
import { en, type Catalogue, type Key } from "./en";

export type { Key } from "./en";

export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

/** The page's language that `name` (a BCP 47 tag, or "en_US" as some systems write it) stands for, or null. */
export function knownLanguage(name: unknown): Language | null {
  const language = typeof name === "string" ? name.split(/[-_]/)[0]!.toLowerCase() : "";
  return Object.hasOwn(LANGUAGES, language) ? (language as Language) : null;
}

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);
const LOADERS: Readonly<Record<string, () => Promise<Catalogue>>> = {
  en: async () => en,
  de: async () => (await import("./de")).de,
};

type Values = Record<string, string | number>;
export type Translate = (key: Key, values?: Values) => string;

interface I18n {
  language: string;
  t: Translate;
  /** One of `LANGUAGES`. */
  setLanguage(language: string): void;
  time(iso: string, options: Intl.DateTimeFormatOptions): string;
  number(value: number): string;
}

const Context = createContext<I18n | null>(null);

export function useI18n(): I18n {
  const value = useContext(Context);
  if (!value) throw new Error("useI18n needs an I18nProvider above it");
  return value;
}

export const useT = (): Translate => useI18n().t;

/** Fills in the placeholders of a text: `{name}`. */
export function fill(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => String(values[name] ?? placeholder));
}

const loadCatalogue = (language: string): Promise<Catalogue> => (LOADERS[language] ?? LOADERS.en!)();

export interface Texts {
  language: string;
  catalogue: Catalogue;
}

/** The texts to start with: in English where the chosen language cannot be fetched. */
export async function loadTexts(): Promise<Texts> {
  const { lang: language } = document.documentElement; // set by boot.js
  return loadCatalogue(language).then(
    (catalogue) => ({ language, catalogue }),
    () => ({ language: "en", catalogue: en }),
  );
}

interface ProviderProps {
  initial: Texts;
  children: ReactNode;
}

export function I18nProvider({ initial, children }: ProviderProps): ReactNode {
  const [{ language, catalogue }, setTexts] = useState(initial);

  useEffect(() => {
    document.documentElement.lang = language;
    document.documentElement.dir = RIGHT_TO_LEFT.has(language) ? "rtl" : "ltr";
  }, [language]);

  const setLanguage = useCallback((wanted: string) => {
    writeText("language", wanted);
    loadCatalogue(wanted).then(
      (loaded) => setTexts({ language: wanted, catalogue: loaded }),
      () => undefined, // the next page load tries again
    );
  }, []);

  const value = useMemo<I18n>(
    () => ({
      language,
      setLanguage,
      t: (key, values) => (values ? fill(catalogue[key], values) : catalogue[key]),
      time: (iso, options) => new Intl.DateTimeFormat(language, options).format(new Date(iso)),
      number: (count) => new Intl.NumberFormat(language).format(count),
    }),
    [language, catalogue, setLanguage],
  );
  return <Context value={value}>{children}</Context>;
}
