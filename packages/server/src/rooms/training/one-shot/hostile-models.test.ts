// The files are of platform/inference/fixtures/hostile/make-hostile.py.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectModel } from './inspect-model.js';
import { predictFile } from './predict-file.js';

const folder = mkdtempSync(join(tmpdir(), 'fairlead-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, 'data.csv');
writeFileSync(data, 'a,b\n1,2\n3,4\n');
const MEMORY = 400 * 1024 ** 2;
/** Only a file that never ends is worth a short wait; a busy machine needs long for the others. */
const limitsOf = (name: string) => ({
  probeTimeoutMs: name === 'endless-loop' ? 800 : 25_000,
  probeMemoryBytes: MEMORY,
});
const fileOf = (name: string) =>
  new URL(`../../../platform/inference/fixtures/hostile/${name}.onnx`, import.meta.url).pathname;

/** What inspect gives as the reason, and what predict ends with. */
const CASES: Readonly<Record<string, readonly [RegExp, string]>> = {
  'doubling-loop': [/INF_PROBE_MEMORY/, 'INF_PROBE_MEMORY'],
  'endless-loop': [/INF_PROBE_TIMEOUT/, 'INF_PROBE_TIMEOUT'],
  'huge-shape': [/INF_RUN_FAILED|INF_PROBE_MEMORY/, 'INF_RUN_FAILED'],
  'huge-dims': [/INF_MODEL_INVALID/, 'INF_MODEL_INVALID'],
  'outside-file': [/it is not whole: Tensor .* \(INF_EXTERNAL_PATH\)/, 'INF_EXTERNAL_PATH'],
  'absolute-file': [/it is not whole: Tensor .* \(INF_EXTERNAL_PATH\)/, 'INF_EXTERNAL_PATH'],
  'false-claim': [/INF_MODEL_INVALID/, 'INF_MODEL_INVALID'],
  'unknown-operator': [/INF_MODEL_INVALID/, 'INF_MODEL_INVALID'],
  'repeated-input': [/INF_MODEL_INVALID/, 'INF_MODEL_INVALID'],
  'repeated-node': [/INF_MODEL_INVALID/, 'INF_MODEL_INVALID'],
  'no-label': [/lacks the outputs label/, 'INF_OUTPUT_UNKNOWN'],
  'four-classes': [/TRN_ANSWER_SHAPE/, 'TRN_ANSWER_SHAPE'],
  'one-answer': [/TRN_ANSWER_SHAPE/, 'TRN_ANSWER_SHAPE'],
};

describe('a model file that means harm', () => {
  for (const [name, [reason, code]] of Object.entries(CASES)) {
    it(`${name} is found out in a process of its own, and nothing is written`, async () => {
      expect(existsSync(fileOf(name))).toBe(true);
      const limits = limitsOf(name);
      const out = join(folder, 'answers.csv');
      const predicted = predictFile({ model: fileOf(name), path: data, out, probe: limits });
      const [{ servable }] = await Promise.all([
        inspectModel(fileOf(name), limits),
        expect(predicted).rejects.toMatchObject({ code }),
      ]);
      expect(servable.verdict).toBe('fail');
      expect(servable.reasons.join('; ')).toMatch(reason);
      expect(readdirSync(folder)).toEqual(['data.csv']);
    });
  }

  it('an output that stands twice cannot be served', async () => {
    const { servable } = await inspectModel(fileOf('repeated-output'));
    expect(servable.reasons.join()).toContain('names label twice');
  });
});
