// @vitest-environment node
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { build } from "vite";
import { keepBuildBefore } from "./keepBuildBefore";
import { precompress } from "./precompress";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "build-"));
  mkdirSync(join(root, "dist/assets"), { recursive: true });
  writeFileSync(join(root, "index.html"), '<script type="module" src="/main.js"></script>');
});
afterEach(() => rmSync(root, { recursive: true }));

/** Builds a page of one script. Returns the script's name. */
async function release(content: string): Promise<string> {
  writeFileSync(join(root, "main.js"), `console.log("${content.repeat(2000)}");`);
  await build({ root, configFile: false, logLevel: "error", build: { manifest: true }, plugins: [keepBuildBefore(), precompress()] });
  return /assets\/(index-[^"]*\.js)/.exec(readFileSync(join(root, "dist/index.html"), "utf8"))![1]!;
}

const assets = (): string[] => readdirSync(join(root, "dist/assets")).sort();
const withCopies = (...names: string[]): string[] => names.flatMap((name) => [name, `${name}.br`, `${name}.gz`]).sort();

test("the files of the release before are kept, and older ones are removed", async () => {
  const first = await release("a");
  const second = await release("b");
  expect(assets()).toEqual(withCopies(first, second));
  const third = await release("c");
  expect(assets()).toEqual(withCopies(second, third));
});

test("building the same page once more removes nothing", async () => {
  const first = await release("a");
  const second = await release("b");
  await release("b");
  expect(assets()).toEqual(withCopies(first, second));
});

test("files of an unknown origin are removed", async () => {
  writeFileSync(join(root, "dist/assets/stray.js"), "");
  await release("a");
  expect(existsSync(join(root, "dist/assets/stray.js"))).toBe(false);
});
