import { defineConfig } from 'vitest/config';
import { config } from './vitest.config.js';

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: ['packages/*/src/**/*.integration.ts', 'tests/**/*.integration.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Most of their time the tests wait for processes of their own, so two files share the two cores.
    isolate: true,
  },
});
