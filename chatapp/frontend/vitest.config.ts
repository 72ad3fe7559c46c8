import { defineConfig, mergeConfig } from "vitest/config";
import viteConfig from "./vite.config";

// Apart from the build's own, which has to do without what only tests need.
export default mergeConfig(
  viteConfig,
  defineConfig({ test: { environment: "happy-dom", include: ["src/**/*.test.{ts,tsx}"] } }),
);
