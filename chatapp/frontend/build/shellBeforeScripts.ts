/**
 * Writes what the page's frame looks like before its programs are there: the server puts it into the documents of
 * those who are signed in, and the page lays itself over it without anything moving.
 */
import { ArrowUp, Menu, PanelLeft, PanelLeftClose, SquarePen } from "lucide-react";
import { createElement, type ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import type { Plugin } from "vite";
import { de } from "../src/i18n/de";
import { en } from "../src/i18n/en";

const FILE = "shell.html";
const CATALOGUES = { en, de };

export function shellBeforeScripts(): Plugin {
  return {
    name: "shell-before-scripts",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName: FILE, source: renderToStaticMarkup(shell()) });
    },
    transformIndexHtml: {
      order: "post",
      // The first paint does not wait for them: styles and fonts come before.
      handler: (html) => html.replaceAll('<link rel="modulepreload"', '$& fetchpriority="low"'),
    },
  };
}

function shell(): ReactNode {
  const sidebar = box("sidebar", box("sidebar-head", box("brand"), tool(createElement(PanelLeftClose, { size: 19 }))));
  const opener = [
    createElement(PanelLeft, { key: 1, className: "wide-only", size: 20 }),
    createElement(Menu, { key: 2, className: "phone-only", size: 22 }),
  ];
  const tools = box("page-tools", tool(opener), tool(createElement(SquarePen, { size: 19 })));
  const page = box("page", tools, createElement("main", null, chat()));
  return createElement("div", { className: "shell early", "aria-hidden": true }, sidebar, page);
}

/** A conversation before its messages are there. Its one text is there in every language; the style shows one of them. */
function chat(): ReactNode {
  const foot = box("composer-foot", box("model"), createElement("span", { className: "round" }, createElement(ArrowUp, { size: 19 })));
  const notes = Object.entries(CATALOGUES).map(([lang, texts]) =>
    createElement("p", { key: lang, lang, className: "composer-note" }, texts["composer.note"]),
  );
  const composer = box("composer", box("composer-box", box("early-field"), foot), notes);
  return box("chat", box("chat-header"), box("thread"), composer);
}

const box = (className: string, ...children: ReactNode[]): ReactNode => createElement("div", { className }, ...children);
const tool = (icon: ReactNode): ReactNode => createElement("span", { className: "icon-button" }, icon);
