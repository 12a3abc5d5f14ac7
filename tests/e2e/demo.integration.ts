import { afterEach, describe, expect, it } from 'vitest';
import { openTestPostgres } from '../../packages/server/src/platform/db/testing.js';
import { temporaryFolder } from '../harness/live-server.js';
import { type DemoSummary, runDemo } from '../harness/run-demo.js';

/** Asserts what the issue promises of the story, from the facts that the demonstration wrote down. */
function expectTheWholeStory({ ok, steps }: DemoSummary): void {
  expect(steps.filter((step) => !step.ok)).toEqual([]);
  expect(ok).toBe(true);
  const facts = (name: string) => {
    const found = steps.find((step) => step.step === name);
    if (found === undefined) throw new Error(`no step '${name}' in ${steps.map((step) => step.step).join(', ')}`);
    return found.facts;
  };
  expect(facts('Seattle 2012–2014 ingested')).toMatchObject({ rows: 1096, rejected: 0 });
  const refused = facts('A damaged delivery is refused');
  expect(refused).toMatchObject({ outcome: 'refused', faulty: 110 });
  expect(refused.reasons).toMatchObject({ MISSING_REQUIRED: 28, CAST: 28, BELOW_MIN: 27, DUPLICATE_KEY: 27 });

  const weak = facts('A weak candidate is refused');
  expect(weak.state).toBe('gates-failed');
  expect(weak.interval?.lower).toBeLessThanOrEqual(0);
  const good = facts('Candidates trained and tested');
  expect(good.interval?.lower).toBeGreaterThan(0);
  const { gates = [] } = facts('Gates in test');
  expect(gates.map((gate) => gate.verdict)).toEqual(gates.map(() => 'pass'));
  expect(gates.map((gate) => gate.kind)).toEqual(
    expect.arrayContaining(['contract', 'beats-baseline', 'onnx-parity', 'slices', 'load-trial']),
  );
  expect(facts('The author may not sign').code).toMatch(/^[A-Z]+_/);

  expect(facts('The days of 2015 are predicted')).toMatchObject({ requests: 365, scored: 364 });
  expect(facts('The days of 2015 are predicted').accuracy).toBeGreaterThan(0.65);
  expect(facts('No drift in its own city').drifted).toBe(0);
  expect(facts('New York’s days arrive').evidence).toMatch(/→/);
  expect(facts('The rule trains it again').trigger?.kind).toBe('automation');
  const kept = facts('The old version is kept');
  expect(kept.old).toBe(facts('Released to production').version);
  expect(kept.now).toBe(facts('The rule trains it again').version);
  expect(facts('Audit log')).toMatchObject({ verdict: 'intact' });
  expect(facts('Report of the live version').digest).toMatch(/^[0-9a-f]{64}$/);
}

describe('the demonstration', () => {
  const disposals: (() => unknown)[] = [];
  afterEach(async () => {
    for (const dispose of disposals.splice(0)) await dispose();
  });
  const freshFolder = () => {
    const { folder, dispose } = temporaryFolder('demo');
    disposals.push(dispose);
    return folder;
  };

  it('goes from the raw file to the second release on SQLite', async () => {
    const summary = await runDemo(freshFolder());
    expectTheWholeStory(summary);
    console.log(`demonstration on SQLite: ${(summary.totalMs / 1000).toFixed(1)} s`);
  });

  it('goes the same way on PostgreSQL', async () => {
    const database = await openTestPostgres([]);
    disposals.push(database.dispose);
    const summary = await runDemo(freshFolder(), ['--database-url', database.url]);
    expectTheWholeStory(summary);
    console.log(`demonstration on PostgreSQL: ${(summary.totalMs / 1000).toFixed(1)} s`);
  });
});
