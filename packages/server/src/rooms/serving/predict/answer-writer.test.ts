import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileAnswerWriter } from './answer-writer.js';

const deployment = { model: 'port "rain"', version: 3, digest: `sha256:${'a'.repeat(64)}` };
const labels = ['rain', 'no "rain"\n', '2', '10', 'é\u2028'];

const number = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(-0, 1e21, 5e-324, 0.1));
const prediction = fc.record(
  {
    id: fc.string({ unit: 'binary' }),
    label: fc.oneof(fc.constantFrom(...labels), fc.string({ unit: 'binary' })),
    probabilities: fc.dictionary(fc.oneof(fc.constantFrom(...labels), fc.string({ unit: 'binary' })), number, {
      noNullPrototype: true,
    }),
    value: number,
    outputs: fc.dictionary(fc.string(), fc.oneof(number, fc.string(), fc.array(fc.boolean())), {
      noNullPrototype: true,
    }),
  },
  { requiredKeys: ['id', 'label', 'probabilities'] },
);
const warning = fc.record({
  row: fc.nat(),
  column: fc.string(),
  kind: fc.constantFrom('out-of-range', 'unseen-category', 'missing'),
  value: fc.string(),
});

describe('the writer of answers', () => {
  it('writes what JSON.stringify writes, whatever the texts and numbers', () => {
    const write = compileAnswerWriter(deployment, { labels });
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('only', 'weight', 'override', 'fallback'),
        fc.array(prediction, { maxLength: 5 }),
        fc.array(warning, { maxLength: 2 }),
        (requestId, routeReason, given, warnings) => {
          // In the order of the decoder's members.
          const predictions = given.map(({ id, label, probabilities, value, outputs }) => ({
            ...{ id, label, probabilities },
            ...(value !== undefined && { value }),
            ...(outputs !== undefined && { outputs }),
          }));
          const expected = JSON.stringify({ requestId, ...deployment, routeReason, predictions, warnings });
          expect(write({ requestId, routeReason, predictions, warnings })).toBe(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('writes null for what JSON has no number for', () => {
    const write = compileAnswerWriter(deployment, { labels });
    const odd = { id: 'a', label: 'rain', probabilities: { rain: Number.NaN }, value: Number.POSITIVE_INFINITY };
    const text = write({ requestId: 'r', routeReason: 'only', predictions: [odd], warnings: [] });
    expect(JSON.parse(text).predictions).toEqual([{ ...odd, probabilities: { rain: null }, value: null }]);
  });
});
