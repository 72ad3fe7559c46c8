import type { Plugin } from "vite";

const BODY_FONT = /hanken-grotesk-latin-wght-normal/;

/**
 * Preloads the font of the first words: with `font-display: optional`, a font that comes late is not used at all. The
 * server adds the font of titles for strangers; everybody else has it in the cache.
 */
export function preloadFonts(): Plugin {
  return {
    name: "preload-fonts",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((name) => BODY_FONT.test(name))
          .map((name) => ({
            tag: "link",
            attrs: { rel: "preload", href: `./${name}`, as: "font", type: "font/woff2", crossorigin: true },
            injectTo: "head",
          })),
    },
  };
}
