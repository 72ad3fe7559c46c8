import type { Plugin } from "vite";
import { de } from "../src/i18n/de";
import { en } from "../src/i18n/en";

const TEXTS = Object.entries({ en, de });

/** Puts into the document what boot.js shows to a browser that is too old for the scripts. CSS hides the other languages. */
export function tooOld(): Plugin {
  return {
    name: "too-old",
    transformIndexHtml: () => [
      {
        tag: "div",
        attrs: { class: "too-old", hidden: true },
        children: TEXTS.map(([lang, texts]) => ({ tag: "p", attrs: { lang }, children: texts["app.tooOld"] })),
        injectTo: "body",
      },
    ],
  };
}
