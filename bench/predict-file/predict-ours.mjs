// @ts-check
// usage: predict-ours.mjs MODEL.onnx DATA OUT. The last line is {ms, peakMiB, mean} as that of peers/predict_peer.py.

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { predictFile } from '../../packages/server/dist/index.js';

const [model = '', path = '', out = ''] = process.argv.slice(2);
await predictFile({ model, path, out, threads: 2 });
const ms = performance.now();
const peakMiB = process.resourceUsage().maxRSS / 1024;
const [head = '', ...lines] = readFileSync(out, 'utf8').trimEnd().split('\n');
const at = head.split(',').indexOf('probability_true');
const mean = lines.reduce((sum, line) => sum + Number(line.split(',')[at]), 0) / lines.length;
console.log(JSON.stringify({ ms, peakMiB, mean }));
