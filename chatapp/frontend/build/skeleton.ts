/**
 * Writes the skeleton: what the page looks like before its scripts have run. The server puts it into the documents of
 * signed-in people, and the page renders over it without anything moving.
 */
import { ArrowUp, Menu, PanelLeft, PanelLeftClose, SquarePen } from "lucide-react";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import type { Plugin } from "vite";
import { de } from "../src/i18n/de";
import { en } from "../src/i18n/en";

const FILE = "skeleton.html";
const CATALOGUES = { en, de };

export function skeleton(): Plugin {
  return {
    name: "skeleton",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: FILE, source: renderToStaticMarkup(shell()) });
    },
    transformIndexHtml: {
      order: "post",
      // The first paint does not need the scripts: styles and fonts come first.
      handler: (html) => html.replaceAll('<link rel="modulepreload"', '$& fetchpriority="low"'),
    },
  };
}

function shell(): ReactNode {
  const sidebar = box("sidebar", box("sidebar-head", box("brand"), iconButton(createElement(PanelLeftClose, { size: 19 }))));
  const openSidebar = [
    createElement(PanelLeft, { key: 1, className: "wide-only", size: 20 }),
    createElement(Menu, { key: 2, className: "phone-only", size: 22 }),
  ];
  const tools = box("page-tools", iconButton(openSidebar), iconButton(createElement(SquarePen, { size: 19 })));
  const page = box("page", tools, createElement("main", null, chat()));
  return createElement("div", { className: "shell skeleton", "aria-hidden": true }, sidebar, page);
}

/** A conversation before its messages are there. Its only text is there in every language; CSS shows one of them. */
function chat(): ReactNode {
  const send = createElement("span", { className: "round-button" }, createElement(ArrowUp, { size: 19 }));
  const foot = box("composer-foot", box("model"), send);
  const notes = Object.entries(CATALOGUES).map(([lang, texts]) =>
    createElement("p", { key: lang, lang, className: "composer-note" }, texts["composer.note"]),
  );
  const composer = box("composer", box("composer-box", box("skeleton-field"), foot), notes);
  return box("chat", box("chat-header"), box("thread"), composer);
}

const box = (className: string, ...children: ReactNode[]): ReactNode => createElement("div", { className }, ...children);
const iconButton = (icon: ReactNode): ReactNode => createElement("span", { className: "icon-button" }, icon);
