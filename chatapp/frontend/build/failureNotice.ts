import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import type { Plugin } from "vite";
import { de } from "../src/i18n/de";
import { en } from "../src/i18n/en";

/** Puts the notice into the document that boot.js shows where the scripts cannot be loaded. CSS shows one of its languages. */
export function failureNotice(): Plugin {
  const notices = Object.entries({ en, de }).map(([lang, texts]) =>
    createElement(
      "div",
      { key: lang, lang, className: "notice" },
      createElement("h1", null, texts["error.title"]),
      createElement("p", null, texts["error.notLoaded"]),
      createElement("button", { type: "button", className: "button primary" }, texts["error.reload"]),
    ),
  );
  return {
    name: "failure-notice",
    apply: "build",
    transformIndexHtml: () => [
      { tag: "div", attrs: { id: "failed", class: "notice-page", role: "alert", hidden: true }, children: renderToStaticMarkup(notices), injectTo: "body" },
    ],
  };
}
