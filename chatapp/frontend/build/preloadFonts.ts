import type { Plugin } from "vite";

const FIRST_SEEN = /hanken-grotesk-latin-wght-normal/;

/**
 * Asks for the font of the first words at once: with `font-display: optional` a late one would not be used at all.
 * The font of titles is the server's business: who has been here before has it.
 */
export function preloadFonts(): Plugin {
  return {
    name: "preload-fonts",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (_, { bundle }) =>
        Object.keys(bundle ?? {})
          .filter((name) => FIRST_SEEN.test(name))
          .map((name) => ({
            tag: "link",
            attrs: { rel: "preload", href: `/${name}`, as: "font", type: "font/woff2", crossorigin: true },
            injectTo: "head",
          })),
    },
  };
}
