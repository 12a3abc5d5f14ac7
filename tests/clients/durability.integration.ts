// Eight writers with the unchanged Python client, and a server that is killed under them: what was acknowledged is there
// afterwards, read by the client's own calls. Needs the virtual environment of mlflow-3.txt, made when there is none.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createRng } from '@fairlead/num';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mlflowEnvironment } from '../../bench/harness/mlflow-environment.mjs';
import { freePort } from '../../bench/harness/watched-process.mjs';
import { type LiveServer, plainEnvironment, startLiveServer, temporaryFolder } from '../harness/live-server.js';

const ROUNDS = Number(process.env.FAIRLEAD_CRASH_CLIENT_ROUNDS ?? 3);
const SEED = Number(process.env.FAIRLEAD_CRASH_SEED ?? 1);
/** The kill comes within so many milliseconds after every writer has written a whole run. */
const WITHIN_MS = 1200;
const TIMEOUT_MS = 15 * 60_000;
const KINDS = ['runs', 'batches', 'metrics', 'params', 'tags', 'files', 'versions', 'ends'];
const script = fileURLToPath(new URL('./python/durable.py', import.meta.url));

/** The Python client with its eight writers: a word in, a line of JSON out. */
interface Writers {
  ask(word?: 'write' | 'check' | 'all'): Promise<Record<string, unknown>>;
  end(): void;
}

function startWriters(python: string, url: string): Writers {
  const child: ChildProcess = spawn(python, [script, url], { env: plainEnvironment(), stdio: 'pipe' });
  if (!child.stdout || !child.stderr || !child.stdin) throw new Error('the writers have no pipes');
  let log = '';
  child.stderr.on('data', (chunk) => (log = (log + chunk).slice(-20_000)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { stdin } = child;
  return {
    ask: async (word) => {
      if (word !== undefined) stdin.write(`${word}\n`);
      const line = await lines.next();
      if (line.done) throw new Error(`the writers ended: ${log.slice(-3000)}`);
      return JSON.parse(line.value);
    },
    end: () => stdin.end(),
  };
}

describe('what an unchanged client was told to be written', () => {
  const { folder, dispose } = temporaryFolder('durable');
  let port: number;
  let server: LiveServer;
  let writers: Writers;

  beforeAll(async () => {
    const { python } = await mlflowEnvironment('mlflow-3');
    port = await freePort();
    server = await startLiveServer({ folder, port });
    writers = startWriters(python, server.url);
  }, TIMEOUT_MS);
  afterAll(async () => {
    writers?.end();
    await server?.stop();
    dispose();
  });

  it(`is there after the server was killed, ${ROUNDS} times`, { timeout: TIMEOUT_MS }, async () => {
    const rng = createRng(SEED);
    const counts: Record<string, number> = {};
    for (let round = 0; round < ROUNDS; round += 1) {
      expect(await writers.ask('write')).toEqual({ writing: true });
      await new Promise((done) => setTimeout(done, rng.fork(round).int(WITHIN_MS)));
      await server.kill();
      const { acknowledged, refusals } = await writers.ask();
      expect(refusals, `round ${round}`).toEqual([]);
      for (const [kind, count] of Object.entries(acknowledged as Record<string, number>)) {
        counts[kind] = (counts[kind] ?? 0) + count;
      }
      server = await startLiveServer({ folder, port });
      expect(await writers.ask('check'), `round ${round}, seed ${SEED}`).toMatchObject({ missing: [] });
    }
    const all = await writers.ask('all');
    expect(all).toMatchObject({ missing: [] });
    console.log(
      `${ROUNDS} kills, seed ${SEED}: ${JSON.stringify(counts)} acknowledged, all there (${all.checked} things)`,
    );
    expect(Object.keys(counts).sort()).toEqual([...KINDS].sort());
  });
});
