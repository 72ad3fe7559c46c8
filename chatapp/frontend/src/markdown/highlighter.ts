/** Syntax highlighting. The highlighter and each language are fetched when the first code in it appears. */
import { createLowlight } from "lowlight";
import { toJsxRuntime } from "hast-util-to-jsx-runtime";
import { Fragment, jsx, jsxs } from "react/jsx-runtime";
import type { ReactNode } from "react";

type Lowlight = ReturnType<typeof createLowlight>;
type Grammar = Parameters<Lowlight["register"]>[1];

const grammars = import.meta.glob<{ default: Grammar }>([
  "/node_modules/highlight.js/es/languages/*.js",
  "!/node_modules/highlight.js/es/languages/*.js.js",
]);

/** Other names of languages than those of the grammars. */
const ALIASES: Readonly<Record<string, string>> = {
  "c#": "csharp", "c++": "cpp", bat: "dos", cc: "cpp", cs: "csharp", console: "shell", docker: "dockerfile", golang: "go",
  h: "c", hpp: "cpp", hs: "haskell", htm: "xml", html: "xml", jsonc: "json", js: "javascript", jsx: "javascript", kt: "kotlin",
  make: "makefile", md: "markdown", mjs: "javascript", objc: "objectivec", patch: "diff", pl: "perl", postgres: "pgsql",
  ps1: "powershell", py: "python", py3: "python", rb: "ruby", rs: "rust", sh: "bash", svg: "xml", tex: "latex", toml: "ini",
  ts: "typescript", tsx: "typescript", vue: "xml", yml: "yaml", zsh: "bash",
};

let lowlight: Lowlight | null = null;
const loading = new Map<string, Promise<boolean>>();

const nameOf = (language: string): string => ALIASES[language.toLowerCase()] ?? language.toLowerCase();

export const isReady = (language: string): boolean => lowlight?.registered(nameOf(language)) ?? false;

/** Fetches what the language needs. Returns whether it is ready: there is such a language and it could be fetched. */
export function load(language: string): Promise<boolean> {
  const name = nameOf(language);
  const grammar = grammars[`/node_modules/highlight.js/es/languages/${name}.js`];
  if (!grammar) return Promise.resolve(false);
  const known = loading.get(name);
  if (known) return known;
  const loaded = fetchAll(name, grammar).catch(() => {
    loading.delete(name);
    return false;
  });
  loading.set(name, loaded);
  return loaded;
}

async function fetchAll(name: string, grammar: () => Promise<{ default: Grammar }>): Promise<boolean> {
  const rules = await grammar();
  lowlight ??= createLowlight();
  lowlight.register(name, rules.default);
  return true;
}

/** The code as highlighted elements. The language must be ready. */
export function highlight(code: string, language: string): ReactNode {
  return toJsxRuntime(lowlight!.highlight(nameOf(language), code), { Fragment, jsx, jsxs });
}
