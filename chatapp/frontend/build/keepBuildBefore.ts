import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

interface Builds {
  /** The files of the last build. */
  last: string[];
  /** Those of the build before, if it was another. */
  before: string[];
}

/**
 * Keeps the files of the build before next to the new ones, because pages that were open before a deploy go on requesting
 * them. Their names change with their content. Older ones are removed.
 */
export function keepBuildBefore(): Plugin {
  let folder = "";
  return {
    name: "keep-build-before",
    apply: "build",
    config: () => ({ build: { emptyOutDir: false } }),
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    writeBundle(_, bundle) {
      const record = join(folder, ".vite", "builds.json");
      const known: Builds = existsSync(record) ? (JSON.parse(readFileSync(record, "utf8")) as Builds) : { last: [], before: [] };
      const built = Object.keys(bundle).sort();
      const unchanged = built.join() === known.last.join();
      const builds: Builds = { last: built, before: unchanged ? known.before : known.last };
      removeOthers(join(folder, "assets"), new Set([...builds.last, ...builds.before]));
      writeFileSync(record, JSON.stringify(builds));
    },
  };
}

/** Removes the files that are not `wanted`, and their compressed copies. */
function removeOthers(assets: string, wanted: Set<string>): void {
  for (const name of readdirSync(assets)) {
    if (!wanted.has(`assets/${name.replace(/\.(br|gz)$/, "")}`)) rmSync(join(assets, name));
  }
}
