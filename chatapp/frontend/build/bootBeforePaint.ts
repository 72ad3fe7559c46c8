import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const PROGRAM = /<script type="module"[^>]* src="([^"]+)"><\/script>/;

/**
 * Puts the theme on the page before anything is painted, and lets the programs begin after that. It must be a file of
 * its own (the Content-Security-Policy allows no inline script) and must block, or a dark page would flash white.
 */
export function bootBeforePaint(): Plugin {
  let fileName = "";
  let building = false;
  return {
    name: "boot-before-paint",
    configResolved: (config) => {
      building = config.command === "build";
    },
    generateBundle() {
      const source = readFileSync(new URL("../src/app/boot.js", import.meta.url), "utf8");
      fileName = this.getFileName(this.emitFile({ type: "asset", name: "boot.js", source }));
    },
    transformIndexHtml: {
      order: "post",
      handler: (html) => {
        if (!building) return [boot("/src/app/boot.js")];
        const program = PROGRAM.exec(html)?.[1];
        if (!program) throw new Error("the page has no program to begin with");
        const preload = `<link rel="modulepreload" crossorigin href="${program}">`;
        return { html: html.replace(PROGRAM, preload), tags: [boot(`/${fileName}`, program)] };
      },
    },
  };
}

const boot = (src: string, program?: string) => ({ tag: "script", attrs: { src, "data-program": program }, injectTo: "head-prepend" as const });
