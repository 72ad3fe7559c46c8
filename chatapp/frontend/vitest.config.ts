import { defineConfig, mergeConfig } from "vitest/config";
import viteConfig from "./vite.config";

// Separate from vite.config.ts, which must work without the packages that only tests need.
export default mergeConfig(
  viteConfig,
  defineConfig({ test: { environment: "happy-dom", include: ["{src,build}/**/*.test.{ts,tsx}"] } }),
);
