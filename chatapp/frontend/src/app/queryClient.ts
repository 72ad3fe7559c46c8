import { QueryClient } from "@tanstack/react-query";
import { isPassing } from "../api/errors";
import { keys } from "../api/queries";
import { config } from "./config";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, error) => isPassing(error) && failures < 3,
      gcTime: 30 * 60_000,
      refetchOnWindowFocus: false, // events tell what has changed
    },
  },
});

if (config.user !== undefined) queryClient.setQueryData(keys.me, config.user);
