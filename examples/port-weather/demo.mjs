#!/usr/bin/env node
// @ts-check
// The whole life cycle once, on real weather: `npm run demo`. Every step goes through the server's public interface.
//   --once           end after the summary (otherwise the server stays up until Ctrl-C)
//   --json FILE      write the summary as JSON
//   --home DIR       where the server keeps everything (default .fairlead/demo, emptied first)
//   --port N         default 4600; 0 takes a free one
//   --database-url   PostgreSQL instead of SQLite
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createClient } from '@fairlead/sdk';
import { buildSteps } from './demo/build-steps.mjs';
import { driftSteps } from './demo/drift-steps.mjs';
import { liveSteps } from './demo/live-steps.mjs';
import { startDemoServer } from './demo/server.mjs';
import { createStory } from './demo/story.mjs';

const { values: flags } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    json: { type: 'string' },
    home: { type: 'string', default: '.fairlead/demo' },
    port: { type: 'string', default: '4600' },
    'database-url': { type: 'string' },
  },
});

const story = createStory();
/** @type {Awaited<ReturnType<typeof startDemoServer>> | null} */
let server = null;
try {
  server = await story.step('Server starts', () => start());
  const client = createClient({ url: server.url });
  const people = await buildSteps(story, client);
  await liveSteps(story, client, people);
  await driftSteps(story, client, people);
} catch (error) {
  story.failed(error);
}

const summary = story.summary(server?.url ?? null);
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(summary, null, 2)}\n`);
if (server === null || flags.once || !summary.ok) {
  await server?.stop();
  process.exit(summary.ok ? 0 : 1);
}
console.log(`\nThe server stays up at ${server.url} — Ctrl-C stops it.`);
process.exit(await server.finished);

async function start() {
  const { home, port } = flags;
  const started = await startDemoServer({ home, port, databaseUrl: flags['database-url'] });
  return { value: started, facts: { url: started.url, home }, say: `${started.url}, everything in ${home}` };
}
