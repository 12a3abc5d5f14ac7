import { defineConfig } from 'vitest/config';

// Tests run on the sources: `fairlead-source` in each package's exports points there, so no stale build is tested.
// Worker entry files are the exception: Node loads them from dist, which `npm test` builds first.
const sources = { conditions: ['fairlead-source'] };

export const config = defineConfig({
  resolve: sources,
  ssr: { resolve: sources },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    setupFiles: ['tests/setup/property-seed.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    maxWorkers: 2,
  },
});

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default config;
