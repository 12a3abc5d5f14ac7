import { defineConfig } from 'vitest/config';

// Tests run on the sources: `fairlead-source` in each package's exports points there, so no stale build is tested.
// Worker entry files are the exception: Node loads them from dist, which `npm test` builds first.
const sources = { conditions: ['fairlead-source'] };

export const config = defineConfig({
  resolve: sources,
  ssr: { resolve: sources },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
    setupFiles: ['tests/setup/property-seed.ts', 'tests/setup/no-telemetry.ts'],
    // Only what hangs shall meet this: the longest test takes 5 s alone, and half a minute on a machine that is busy elsewhere.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // Files of one worker share the modules they import: loading num and the server anew for each of 155 files cost a third of
    // the run's CPU time (318 s against 210 s). So no module may keep state that a test changes, which holds for production too.
    isolate: false,
  },
});

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default config;
