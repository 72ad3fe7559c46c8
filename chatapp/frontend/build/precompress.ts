/** Writes a Brotli and a gzip copy next to every text file of the build, so that the server need not compress. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const TEXT = /\.(?:js|css|svg)$/;
const MIN_SIZE = 1024; // bytes; smaller files fit into one packet anyway

export function precompress(): Plugin {
  let folder = "";
  return {
    name: "precompress",
    apply: "build",
    configResolved: (config) => {
      folder = join(config.root, config.build.outDir);
    },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
        const path = join(folder, name);
        const kept = name.startsWith("assets/") && existsSync(`${path}.br`); // from the build before, with the same content
        if (TEXT.test(name) && !kept) compress(path);
      }
    },
  };
}

function compress(path: string): void {
  const content = readFileSync(path);
  if (content.length < MIN_SIZE) return;
  writeFileSync(`${path}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}
