import { QueryClient } from "@tanstack/react-query";
import { config } from "./config";
import { isGone, isPassing } from "./errors";
import { keys } from "./keys";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always", // the server may run on this machine, where no network is needed
      refetchOnReconnect: true, // not the default in this mode
      // Offline, a failure is reported at once; the query runs again when the network is back.
      retry: (failures, error) => navigator.onLine && isPassing(error) && failures < 3,
      retryOnMount: ({ state }) => !isGone(state.error),
      gcTime: 30 * 60_000,
      refetchOnWindowFocus: false, // events report what changed
    },
    mutations: { networkMode: "always" },
  },
});

if (config.user !== undefined) queryClient.setQueryData(keys.me, config.user);
