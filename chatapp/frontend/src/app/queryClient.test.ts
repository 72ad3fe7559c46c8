import { onlineManager, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Unreachable } from "../api/errors";
import { queryClient } from "./queryClient";

const network = (there: boolean): void => {
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(there);
  onlineManager.setOnline(there);
};

beforeEach(() => {
  queryClient.mount();
  network(false);
});
afterEach(() => {
  network(true);
  queryClient.unmount();
  queryClient.clear();
  vi.restoreAllMocks();
});

test("without a network, a server on the same machine is asked all the same", async () => {
  await expect(queryClient.fetchQuery({ queryKey: ["near"], queryFn: () => "read" })).resolves.toBe("read");
  const mutation = queryClient.getMutationCache().build(queryClient, { mutationFn: async () => "written" });
  await expect(mutation.execute(undefined)).resolves.toBe("written");
});

test("what fails without a network is said at once, and asked for again when the network is back", async () => {
  const queryFn = vi.fn().mockRejectedValueOnce(new Unreachable()).mockResolvedValue("read");
  const observer = new QueryObserver(queryClient, { queryKey: ["far"], queryFn, staleTime: Infinity });
  const leave = observer.subscribe(() => undefined);
  await vi.waitFor(() => expect(observer.getCurrentResult().error).toBeInstanceOf(Unreachable), { timeout: 500 });
  expect(queryFn).toHaveBeenCalledTimes(1);
  network(true);
  await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe("read"));
  leave();
});
