import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeMlruns } from '../../packages/server/src/faces/mlflow/move/move.fixture.js';
import { type LiveServer, plainEnvironment, startLiveServer } from '../harness/live-server.js';

const program = fileURLToPath(new URL('../../packages/cli/dist/bin.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'fairlead-move-'));
const mlruns = join(folder, 'mlruns');
const RUN = '80d5118f1f8048d58e325f67d9b0ef79';
let first: LiveServer;
let second: LiveServer;

beforeAll(async () => {
  mkdirSync(join(folder, 'a'));
  mkdirSync(join(folder, 'b'));
  writeMlruns(mlruns);
  first = await startLiveServer({ folder: join(folder, 'a') });
  second = await startLiveServer({ folder: join(folder, 'b') });
});
afterAll(async () => {
  await first?.stop();
  await second?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly code: number;
  readonly report: {
    readonly equal: boolean;
    readonly kinds: Readonly<Record<string, { found: number; moved: number; already: number; differs: number }>>;
    readonly problems: readonly { readonly problem: string }[];
  };
}

/** The command as people run it; `--json` gives what a test reads. */
function fairlead(server: LiveServer, ...args: readonly string[]): Promise<Answer> {
  const env = { ...plainEnvironment(), FAIRLEAD_URL: server.url };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args, '--json'], { env, cwd: folder }, (error, stdout, stderr) => {
      const code = typeof error?.code === 'number' ? error.code : 0;
      resolve({ code, report: JSON.parse(stdout || JSON.stringify({ stderr })) });
    });
  });
}

const columnOf = ({ report }: Answer, column: 'found' | 'moved' | 'already' | 'differs') =>
  Object.fromEntries(Object.entries(report.kinds).map(([kind, tally]) => [kind, tally[column]]));

const EXPECTED = {
  experiments: 3,
  runs: 1,
  params: 2,
  tags: 0,
  series: 2,
  points: 5,
  'inputs and outputs': 3,
  files: 3,
  'logged models': 1,
  models: 1,
  versions: 2,
  aliases: 1,
};

test('a folder store moves in, again without change, out, and into an empty server as it was', {
  timeout: 180_000,
}, async () => {
  const counted = await fairlead(first, 'import', 'mlflow', 'mlruns', '--dry-run');
  expect([counted.code, columnOf(counted, 'found')]).toEqual([0, { ...EXPECTED, tags: 1 }]);

  const moved = await fairlead(first, 'import', 'mlflow', 'mlruns');
  expect(moved.report.problems).toEqual([]);
  expect([moved.code, moved.report.equal, columnOf(moved, 'found')]).toEqual([0, true, EXPECTED]);
  expect(columnOf(moved, 'moved')).toEqual({ ...EXPECTED, experiments: 2 });

  const again = await fairlead(first, 'import', 'mlflow', 'mlruns');
  expect([again.code, columnOf(again, 'already')]).toEqual([0, EXPECTED]);

  expect((await fairlead(first, 'export', 'out')).code).toBe(0);
  expect(readFileSync(join(folder, `out/1/${RUN}/artifacts/plots/räin 100%.txt`), 'utf8')).toBe('rain');
  expect((await fairlead(first, 'export', 'out')).code).toBe(2);

  const there = await fairlead(second, 'import', 'mlflow', 'out');
  expect(there.report.problems).toEqual([]);
  // Deleted versions are not told of over the wire, so their numbers do not come out.
  expect([there.code, columnOf(there, 'found')]).toEqual([0, { ...EXPECTED, versions: 1 }]);
  // And what came out compares with what is here.
  const back = await fairlead(first, 'import', 'mlflow', 'out');
  expect([back.report.problems, back.code]).toEqual([[], 0]);
});

test('what differs is told and not overwritten, and what is broken does not stop the rest', {
  timeout: 120_000,
}, async () => {
  const run = join(mlruns, '272820270892047914', RUN);
  writeFileSync(join(run, 'params/depth'), '5');
  writeFileSync(join(run, 'metrics/loss'), '1700000000000 0.25 0\n', { flag: 'a' });
  writeFileSync(join(run, 'metrics/fresh'), '1 2 3\nnot a point\n');
  writeFileSync(join(run, 'artifacts/empty.bin'), 'not empty any more');
  const told = await fairlead(first, 'import', 'mlflow', 'mlruns');
  expect(told.code).toBe(1);
  expect(told.report.problems.map(({ problem }) => problem)).toEqual([
    expect.stringMatching(/fresh:2 cannot be read/),
    expect.stringMatching(/a file with other bytes is here/),
    'param "depth" is "4" here and "5" there',
  ]);
  // The points that are new came along.
  expect(columnOf(told, 'differs')).toMatchObject({ params: 1, files: 1, series: 0, points: 0 });
  expect(columnOf(told, 'moved')).toMatchObject({ series: 2 });
});
