import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { bootBeforePaint } from "./build/bootBeforePaint";
import { failureNotice } from "./build/failureNotice";
import { keepBuildBefore } from "./build/keepBuildBefore";
import { precompress } from "./build/precompress";
import { preloadFonts } from "./build/preloadFonts";
import { skeleton } from "./build/skeleton";
import { tooOld } from "./build/tooOld";
import { workerEntities } from "./build/workerEntities";

export default defineConfig({
  plugins: [react(), bootBeforePaint(), preloadFonts(), skeleton(), failureNotice(), tooOld(), keepBuildBefore(), precompress()],
  base: "./", // the server makes it absolute: it knows the path that the application is served at
  css: { transformer: "lightningcss", lightningcss: { drafts: { customMedia: true } } },
  worker: { format: "es", plugins: () => [workerEntities()] }, // in parts: each language of code is one
  build: {
    target: ["chrome109", "firefox115", "safari16.4"], // as boot.js and the README say
    manifest: true, // tells the server what to preload
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1600, // kB; a part of mermaid, fetched for a few kinds of diagrams
  },
  server: { proxy: { "/api": { target: process.env.CHATAPP_URL ?? "http://127.0.0.1:8000" } } },
});
