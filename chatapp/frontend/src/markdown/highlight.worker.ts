/** Highlights code. The rules of a language are fetched when the first code in it comes. It is ended from outside where it takes too long. */
import { createLowlight } from "lowlight";

export interface CodeJob {
  code: string;
  language: string;
}

type Grammar = Parameters<typeof lowlight.register>[1];

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

const lowlight = createLowlight();

self.onmessage = async ({ data: { code, language } }: MessageEvent<CodeJob>) => {
  const name = ALIASES[language.toLowerCase()] ?? language.toLowerCase();
  const known = await load(name);
  self.postMessage("ready");
  self.postMessage(known ? lowlight.highlight(name, code) : null);
};

/** Whether there is such a language and its rules could be fetched. */
async function load(name: string): Promise<boolean> {
  if (lowlight.registered(name)) return true;
  const rules = await grammars[`/node_modules/highlight.js/es/languages/${name}.js`]?.().catch(() => undefined);
  if (rules) lowlight.register(name, rules.default);
  return rules !== undefined;
}
