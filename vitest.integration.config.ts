import { defineConfig } from 'vitest/config';
import { config } from './vitest.config.js';

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  ...config,
  test: {
    ...config.test,
    include: ['packages/*/src/**/*.integration.ts', 'tests/**/*.integration.ts'],
    // Some four hundred steps of two Python clients take a quarter of an hour: `npm run test:clients`.
    exclude: ['tests/clients/conformance.integration.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    isolate: true,
  },
});
