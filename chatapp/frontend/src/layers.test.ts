/** The page's layers, from the bottom up (README.md). */
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

/** A folder may import from itself and from the layers below it. Folders of one layer do not import each other. */
const LAYERS = [["lib"], ["api", "i18n"], ["ui"], ["auth", "markdown"], ["chat", "sidebar", "settings"], ["search"], ["shell"], ["app"], ["main.tsx"]];

const sources = import.meta.glob<string>(["./**/*.{ts,tsx}", "!./layers.test.ts"], { query: "?raw", import: "default", eager: true });

const IMPORT = /(?:\bfrom|\bimport|\bimport\()\s*"(\.[^"]*)"/g;

/** Every relative import of a source, as the path of the file it leads to. */
function importsOf(path: string): string[] {
  return [...sources[path]!.matchAll(IMPORT)].flatMap(([, target]) => {
    const file = `./${normalize(join(dirname(path), target!))}`;
    return [file, `${file}.ts`, `${file}.tsx`, `${file}/index.tsx`].filter((candidate) => candidate in sources);
  });
}

const folderOf = (path: string): string => path.split("/")[1]!;
const layerOf = (path: string): number => LAYERS.findIndex((folders) => folders.includes(folderOf(path)));

test("every source belongs to a layer", () => {
  expect(Object.keys(sources).filter((path) => layerOf(path) < 0)).toEqual([]);
  expect(importsOf("./main.tsx").length).toBeGreaterThan(5);
});

test("imports lead down to lower layers, or stay in their folder", () => {
  const wrong = Object.keys(sources).flatMap((path) =>
    importsOf(path)
      .filter((target) => folderOf(target) !== folderOf(path) && layerOf(target) >= layerOf(path))
      .map((target) => `${path} -> ${target}`),
  );
  expect(wrong).toEqual([]);
});

test("no imports are circular", () => {
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string[] => {
    if (trail.includes(path)) return [[...trail.slice(trail.indexOf(path)), path].join(" -> ")];
    if (done.has(path)) return [];
    const circles = importsOf(path).flatMap((target) => visit(target, [...trail, path]));
    done.add(path);
    return circles;
  };
  expect(Object.keys(sources).flatMap((path) => visit(path, []))).toEqual([]);
});
