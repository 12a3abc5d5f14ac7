// @ts-check
// Calls the handler as a function service does, directly and with an HTTP event.

import { handler } from './handler.mjs';
import { smoke } from './smoke.mjs';

await smoke(async (rows) => /** @type {any} */ (await handler({ rows })).answers);
await smoke(
  async (rows) => JSON.parse(/** @type {any} */ (await handler({ body: JSON.stringify({ rows }) })).body).answers,
);
