import type { TouchEvent } from "react";
import { expect, test } from "vitest";
import { pinch } from "./pinch";

/** Two fingers on `row`, put down so many pixels apart and then moved. Returns the steps. */
function steps(row: HTMLElement, from: number, ...to: number[]): number[] {
  const made: number[] = [];
  const touches = (apart: number) => [0, apart].map((clientX) => ({ clientX, clientY: 0, target: row }));
  pinch({ nativeEvent: { touches: touches(from) } } as unknown as TouchEvent, (by) => made.push(by));
  for (const apart of to) row.dispatchEvent(Object.assign(new Event("touchmove"), { touches: touches(apart) }));
  row.dispatchEvent(new Event("touchend"));
  row.dispatchEvent(Object.assign(new Event("touchmove"), { touches: touches(1000) })); // of the next gesture
  return made;
}

test("fingers that go apart come closer step by step, also where their row has been taken away by the first step", () => {
  const row = document.createElement("div"); // not in the document
  expect(steps(row, 100, 120, 140, 160, 200)).toEqual([1, 1]);
});

test("fingers that come together go farther away", () => {
  expect(steps(document.createElement("div"), 300, 200, 140, 90)).toEqual([-1, -1, -1]);
});

test("fingers that only scroll do nothing", () => {
  expect(steps(document.createElement("div"), 100, 105, 95, 110)).toEqual([]);
});
