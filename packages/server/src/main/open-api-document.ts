import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../platform/config/index.js';
import { createLogger } from '../platform/telemetry/index.js';
import { createFairlead } from './create-fairlead.js';

/** The OpenAPI description of every route, made by composing a server on an empty home without listening. */
export async function openApiDocument(): Promise<object> {
  const home = mkdtempSync(join(tmpdir(), 'fairlead-openapi-'));
  try {
    const config = loadConfig({ flags: { home, logLevel: 'silent' }, env: {}, cwd: home });
    const fairlead = await createFairlead({ config, logger: createLogger(config), cwd: home });
    try {
      await fairlead.app.ready();
      return fairlead.app.swagger();
    } finally {
      await fairlead.stop();
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
