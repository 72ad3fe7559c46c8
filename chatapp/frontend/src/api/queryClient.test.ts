import { onlineManager, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Unreachable } from "./errors";
import { queryClient } from "./queryClient";

const setOnline = (online: boolean): void => {
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(online);
  onlineManager.setOnline(online);
};

beforeEach(() => {
  queryClient.mount();
  setOnline(false);
});
afterEach(() => {
  setOnline(true);
  queryClient.unmount();
  queryClient.clear();
  vi.restoreAllMocks();
});

test("offline, a server on the same machine is still asked", async () => {
  await expect(queryClient.fetchQuery({ queryKey: ["local"], queryFn: () => "read" })).resolves.toBe("read");
  const mutation = queryClient.getMutationCache().build(queryClient, { mutationFn: async () => "written" });
  await expect(mutation.execute(undefined)).resolves.toBe("written");
});

test("offline, a failure is reported at once and the query runs again when the network is back", async () => {
  const queryFn = vi.fn().mockRejectedValueOnce(new Unreachable()).mockResolvedValue("read");
  const observer = new QueryObserver(queryClient, { queryKey: ["remote"], queryFn, staleTime: Infinity });
  const leave = observer.subscribe(() => undefined);
  await vi.waitFor(() => expect(observer.getCurrentResult().error).toBeInstanceOf(Unreachable), { timeout: 500 });
  expect(queryFn).toHaveBeenCalledTimes(1);
  setOnline(true);
  await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe("read"));
  leave();
});
