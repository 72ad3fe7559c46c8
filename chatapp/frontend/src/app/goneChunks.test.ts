import { expect, test, vi } from "vitest";
import { attempt } from "../ui/late";
import { reloadWhereChunksAreGone } from "./goneChunks";

/** A part of the page that cannot be loaded, as the build reports it. */
async function gone(): Promise<never> {
  const error = new Error("It has gone with an earlier release");
  dispatchEvent(Object.assign(new Event("vite:preloadError"), { payload: error }));
  throw error;
}

const pass = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

test("the page starts anew for a part that somebody waits for, and for no other", async () => {
  const asked = vi.fn(() => Promise.resolve({ ok: false })); // whether the server is there, before the page is given up
  vi.stubGlobal("fetch", asked);
  reloadWhereChunksAreGone();
  attempt(gone);
  await pass();
  expect(asked).not.toHaveBeenCalled();
  await gone().catch(() => undefined);
  await pass();
  expect(asked).toHaveBeenCalledTimes(1);
});
