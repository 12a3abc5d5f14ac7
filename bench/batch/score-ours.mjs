// @ts-check
// usage: score-ours.mjs MODEL.onnx IN.parquet OUT.parquet. The last line is {ms, peakMiB, mean} as that of peers/batch_peer.py.

import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createLake } from '../../packages/server/dist/platform/lake/index.js';
import { forgetParts } from '../../packages/server/dist/rooms/serving/batch/batch-folder.js';
import { scoreFile } from '../../packages/server/dist/rooms/serving/batch/score-file.js';
import { readPackage } from '../../packages/server/dist/rooms/training/one-shot/read-package.js';

const [modelPath = '', input = '', output = ''] = process.argv.slice(2);
const { digest, signature } = await readPackage(modelPath);
if (signature === null) throw new Error(`${modelPath} has no signature`);
const result = await scoreFile({
  request: { model: 'bench@1', input, output, keep: ['id'] },
  target: { model: 'bench', version: 1, digest, endpoint: null, environment: null, deploymentId: null },
  ...{ signature, modelPath, configuration: {}, backendRules: { programs: false, servers: [] }, threads: 2 },
});
await forgetParts(output);
const ms = performance.now();
const peakMiB = process.resourceUsage().maxRSS / 1024;
const lake = await createLake({ tempFolder: `${output}.temp`, allowedFolders: [dirname(output)] });
const table = await lake.query(`SELECT avg("${result.columns.at(-1)}"::DOUBLE) AS mean FROM read_parquet('${output}')`);
await lake.close();
const mean = table.columns.get('mean');
console.log(JSON.stringify({ ms, peakMiB, mean: mean?.kind === 'float64' ? mean.values[0] : null }));
