import { QueryClient } from "@tanstack/react-query";
import { isPassing } from "../api/errors";
import { keys } from "../api/queries";
import { config } from "./config";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: "always", // the server may be on this machine, which is there without a network
      refetchOnReconnect: true, // not the default in this mode
      // Without a network it is said at once what failed: it is asked for again when the network is back.
      retry: (failures, error) => navigator.onLine && isPassing(error) && failures < 3,
      gcTime: 30 * 60_000,
      refetchOnWindowFocus: false, // events tell what has changed
    },
    mutations: { networkMode: "always" },
  },
});

if (config.user !== undefined) queryClient.setQueryData(keys.me, config.user);
