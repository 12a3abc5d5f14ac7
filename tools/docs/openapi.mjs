// @ts-check
// docs/reference/openapi.json: the HTTP interface, asked from the server's own routes without listening.
//
// Main offers `openApiDocument(): Promise<object>`: it composes the app on an empty temporary home, waits until the routes
// are registered, returns the document and closes everything again.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { walk } from '../house/walk.mjs';
import { importBuilt, root } from './built.mjs';

const OFFER = /^export (async )?function openApiDocument\b/m;

/** @returns {Promise<import('./generate.mjs').GeneratedFile>} */
export async function generate() {
  const source = walk(root, 'packages/server/src/main', ['.ts']).find((path) =>
    OFFER.test(readFileSync(join(root, path), 'utf8')),
  );
  if (source === undefined) throw new Error('nothing in packages/server/src/main exports a function openApiDocument');
  const { openApiDocument } = await importBuilt(source);
  if (typeof openApiDocument !== 'function') throw new Error(`the build of ${source} has no openApiDocument`);
  const document = await openApiDocument();
  const paths = Object.keys(document?.paths ?? {});
  if (!String(document?.openapi).startsWith('3.1')) throw new Error(`expected OpenAPI 3.1, got ${document?.openapi}`);
  if (paths.length === 0) throw new Error('the document names no path: the routes were not registered');
  return { path: 'openapi.json', text: `${JSON.stringify(document, null, 2)}\n` };
}
