import type { Plugin } from "vite";

const NAME = "decode-named-character-reference";

/** Takes the variant of a package that needs no document: the bundler would give the worker the one for pages. */
export function workerEntities(): Plugin {
  return { name: "worker-entities", resolveId: (source) => (source === NAME ? new URL(`../node_modules/${NAME}/index.js`, import.meta.url).pathname : null), enforce: "pre" };
}
