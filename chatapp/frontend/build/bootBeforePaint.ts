import { readFileSync } from "node:fs";
import type { Plugin } from "vite";

const MAIN_SCRIPT = /<script type="module"[^>]* src="([^"]+)"><\/script>/;

/**
 * Puts boot.js first: it sets the theme before anything is painted and starts the main script after that. It is a file
 * of its own because the Content-Security-Policy allows no inline script, and it blocks because a dark page would flash
 * white otherwise.
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
        const src = MAIN_SCRIPT.exec(html)?.[1];
        if (!src) throw new Error("index.html has no main script");
        const preload = `<link rel="modulepreload" crossorigin href="${src}">`;
        return { html: html.replace(MAIN_SCRIPT, preload), tags: [boot(`./${fileName}`, src)] };
      },
    },
  };
}

const boot = (src: string, mainScript?: string) => ({ tag: "script", attrs: { src, "data-script": mainScript }, injectTo: "head-prepend" as const });
