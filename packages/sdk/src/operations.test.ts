import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OPERATIONS } from './index.js';

const document = new URL('../../../docs/reference/openapi.json', import.meta.url);

/** Operations of the server that the client leaves out, each with the reason. */
const LEFT_OUT: Readonly<Record<string, string>> = {};

interface Route {
  readonly operationId?: string;
}

function documentedOperations(): Record<string, string> {
  const { paths } = JSON.parse(readFileSync(document, 'utf8')) as { paths: Record<string, Record<string, Route>> };
  const found: Record<string, string> = {};
  for (const [path, methods] of Object.entries(paths)) {
    if (!path.startsWith('/api/v1/')) continue;
    for (const [method, { operationId }] of Object.entries(methods)) {
      if (operationId !== undefined) found[operationId] = `${method.toUpperCase()} ${path}`;
    }
  }
  return found;
}

// The document is generated from the running routes; `npm run docs:check` demands that it is there and up to date.
describe.skipIf(!existsSync(document))('the operations of the client', () => {
  it('all stand in the OpenAPI document with the same method and path', () => {
    const documented = documentedOperations();
    const wrong = Object.entries(OPERATIONS)
      .map(([id, { method, path }]) => ({ id, client: `${method} ${path}`, server: documented[id] ?? 'nothing' }))
      .filter(({ client, server }) => client !== server);
    expect(wrong).toEqual([]);
  });

  it('cover the native API, but for those left out for a reason', () => {
    const documented = documentedOperations();
    const missing = Object.keys(documented).filter(
      (id) => !Object.hasOwn(OPERATIONS, id) && !Object.hasOwn(LEFT_OUT, id),
    );
    const stale = Object.keys(LEFT_OUT).filter((id) => !Object.hasOwn(documented, id) || Object.hasOwn(OPERATIONS, id));
    expect({ missing: missing.map((id) => `${id}: ${documented[id]}`), stale }).toEqual({ missing: [], stale: [] });
  });
});
