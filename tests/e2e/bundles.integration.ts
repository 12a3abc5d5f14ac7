// The folders of `fairlead package`, used as a stranger would: installed from the registry, tested, asked, in a browser too.
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng, exportModel, findTrainer, fitPreprocessor } from '../../packages/num/src/index.js';
import { openBrowser } from '../harness/open-browser.js';

const FAIRLEAD = fileURLToPath(new URL('../../packages/cli/bin/fairlead.mjs', import.meta.url));
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'fairlead-bundles-'));
const model = join(folder, 'rain.onnx');

const WORDS = ['fog', 'rain', 'sun'];
const SIGNATURE = {
  task: 'classification',
  inputs: [
    { name: 'wind', type: 'number', min: 0, max: 20, nullable: true },
    { name: 'sky', type: 'string', categories: WORDS, nullable: false },
  ],
  target: 'tomorrow',
  labels: ['dry', 'wet'],
  contextColumns: [],
};

function makeModel(metadata: Record<string, string>): Uint8Array {
  const rng = createRng(1);
  const rowCount = 500;
  const values = Float64Array.from({ length: rowCount }, () => 20 * rng.next());
  const codes = Int32Array.from({ length: rowCount }, () => rng.int(3));
  const table = {
    rowCount,
    columns: new Map([
      ['wind', { kind: 'float64' as const, values }],
      ['sky', { kind: 'string' as const, codes, dictionary: WORDS }],
    ]),
  };
  const spec = [
    { name: 'wind', kind: 'numeric', scale: 'none' },
    { name: 'sky', kind: 'category' },
  ] as const;
  const { preprocessor, training } = fitPreprocessor(table, { columns: spec });
  const y = Int32Array.from(values, (wind, row) => Number(wind > 12 || (codes[row] === 1 && wind > 4)));
  const forest = findTrainer('random-forest')?.classify?.(training, y, { nEstimators: 20 }, { classCount: 2, seed: 0 });
  if (forest === undefined) throw new Error('there is no random forest');
  return exportModel({ preprocessor, model: forest, classLabels: SIGNATURE.labels, metadata });
}

async function bundle(kind: string): Promise<string> {
  const out = join(folder, kind);
  const { stdout } = await run(process.execPath, [FAIRLEAD, 'package', model, '--as', kind, '--out', out, '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ kind, name: 'rain', folder: out });
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'], { cwd: out });
  return out;
}

beforeAll(() => {
  writeFileSync(model, makeModel({ 'fairlead.signature': JSON.stringify(SIGNATURE) }));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a packaged model', () => {
  it('runs as a container’s server: its own test, answers over HTTP, refusals with a code', async () => {
    const out = await bundle('docker');
    expect((await run('npm', ['test'], { cwd: out })).stdout).toContain('5 answers as when it was packaged');
    expect(readFileSync(join(out, 'Dockerfile'), 'utf8')).toMatch(/^USER node$/m);
    const { startServer } = (await import(join(out, 'server.mjs'))) as {
      startServer(where: object): Promise<ReturnType<typeof createServer>>;
    };
    const server = await startServer({ port: 0, host: '127.0.0.1' });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/predict`;
    const ask = async (body: string, type = 'application/json') => {
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
      return { status: response.status, body: await response.json() };
    };
    const good = await ask(
      JSON.stringify({
        rows: [
          { wind: 18, sky: 'sun' },
          { wind: null, sky: 'rain' },
        ],
      }),
    );
    expect(good).toMatchObject({ status: 200, body: { model: 'rain', answers: [{ label: 'wet' }, {}] } });
    const answers = (good.body as { answers: { probabilities: Record<string, number> }[] }).answers;
    for (const { probabilities } of answers) {
      expect(Object.values(probabilities).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
    }
    for (const [rows, column] of [
      [[{ wind: 'strong', sky: 'sun' }], 'wind'],
      [[{ wind: 1, sky: null }], 'sky'],
      [[{ wind: 1, sky: 'sun', tide: 3 }], 'tide'],
      [[{ wind: 1e300, sky: 'sun' }], 'wind'],
    ] as const) {
      expect(await ask(JSON.stringify({ rows }))).toMatchObject({
        status: 400,
        body: { code: 'INPUT_INVALID', column },
      });
    }
    expect(await ask('{')).toMatchObject({ status: 400, body: { code: 'JSON_INVALID' } });
    expect(await ask('{}')).toMatchObject({ status: 400 });
    expect(await ask('null')).toMatchObject({ status: 400 });
    expect(await ask('{}', 'text/plain')).toMatchObject({ status: 415 });
    await new Promise((resolve) => server.close(resolve));
  });

  it('runs as a function', async () => {
    const out = await bundle('serverless');
    expect((await run('npm', ['test'], { cwd: out })).stdout).toContain('5 answers as when it was packaged');
  });

  it('runs as an npm package in Node and in a browser', async () => {
    const out = await bundle('npm');
    expect((await run('npm', ['test'], { cwd: out })).stdout).toContain('5 answers as when it was packaged');
    const types: Record<string, string> = {
      '.mjs': 'text/javascript',
      '.html': 'text/html',
      '.wasm': 'application/wasm',
    };
    writeFileSync(
      join(out, 'page.html'),
      `<script type="importmap">{"imports":{"onnxruntime-web":"/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs"}}</script>
<script type="module">
import { load } from '/index.mjs';
const { predict } = await load();
globalThis.answer = await predict([{ wind: 18, sky: 'sun' }]);
</script>`,
    );
    const files = createServer((request, response) => {
      const path = join(out, normalize(new URL(request.url ?? '/', 'http://localhost').pathname));
      if (!existsSync(path)) response.writeHead(404).end();
      else {
        response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
        response.end(readFileSync(path));
      }
    });
    await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(files.address() as AddressInfo).port}/page.html`);
      await page.waitForFunction('globalThis.answer !== undefined');
      expect(await page.evaluate('globalThis.answer')).toMatchObject([{ label: 'wet' }]);
    } finally {
      await browser.close();
      files.close();
    }
  });

  it('is refused without a signature, with a wrong name, or into a folder with something in it', async () => {
    const bare = join(folder, 'bare.onnx');
    writeFileSync(bare, makeModel({}));
    writeFileSync(join(folder, 'text.onnx'), 'no model');
    for (const [args, code] of [
      [[bare, '--as', 'docker'], 'REG_BUNDLE_SIGNATURE'],
      [[join(folder, 'text.onnx'), '--as', 'npm'], 'INF_MODEL_INVALID'],
      [[join(folder, 'none.onnx'), '--as', 'npm'], 'CLI_FILE_UNREADABLE'],
      [[model, '--as', 'npm', '--name', '../x'], 'REG_BUNDLE_NAME'],
      [[model, '--as', 'npm', '--out', folder], 'REG_BUNDLE_FOLDER'],
    ] as const) {
      const refused = run(process.execPath, [FAIRLEAD, 'package', ...args, '--json'], { cwd: folder });
      await expect(refused, code).rejects.toMatchObject({ stderr: expect.stringContaining(code) });
    }
  });
});
