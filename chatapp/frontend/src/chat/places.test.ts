import { beforeEach, expect, test, vi } from "vitest";

const anew = async () => {
  vi.resetModules();
  return import("./places");
};

beforeEach(() => sessionStorage.clear());

test("a reload keeps where the reader left a conversation, until they are at its end", async () => {
  (await anew()).keepPlace("c", { id: "m", above: 12 });
  const reloaded = await anew();
  expect(reloaded.placeIn("c")).toEqual({ id: "m", above: 12 });
  reloaded.keepPlace("c", undefined);
  expect((await anew()).placeIn("c")).toBeUndefined();
});

test("only the conversations that were left last are kept", async () => {
  const { keepPlace } = await anew();
  for (let count = 0; count < 60; count += 1) keepPlace(`c${count}`, { id: "m", above: 0 });
  keepPlace("c59", { id: "m", above: 1 });
  const { placeIn } = await anew();
  expect(placeIn("c9")).toBeUndefined();
  expect(placeIn("c10")).toBeDefined();
  expect(placeIn("c59")).toEqual({ id: "m", above: 1 });
});

test("what somebody else has stored there is passed over", async () => {
  sessionStorage.setItem("chatapp:places", JSON.stringify([null, ["a"], ["b", { id: 1 }], ["c", { id: "m", above: 3 }]]));
  const { placeIn } = await anew();
  expect(placeIn("a")).toBeUndefined();
  expect(placeIn("b")).toBeUndefined();
  expect(placeIn("c")).toEqual({ id: "m", above: 3 });
});
