import { defineConfig } from 'vitest/config';
import integration from './vitest.integration.config.js';

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  ...integration,
  test: { ...integration.test, include: ['tests/clients/conformance.integration.ts'], exclude: [] },
});
