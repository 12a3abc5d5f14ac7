import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rng } from '@fairlead/num';
import type { FairleadClient } from '@fairlead/sdk';
import { expect } from 'vitest';
import { exampleRow, type People } from '../harness/port-weather.js';

/** Looks whether something that the server acknowledged is still there. */
export type Check = () => Promise<void>;

export interface Workplace {
  readonly client: FairleadClient;
  readonly people: People;
  readonly folder: string;
  readonly rng: Rng;
  readonly round: number;
  /** Called as soon as the server has answered 2xx. */
  acknowledged(check: Check): void;
}

/** Works until the connection breaks; whatever was acknowledged by then has its check. */
export interface Workload {
  readonly name: string;
  /** The kill comes within so many milliseconds after the work began. */
  readonly withinMs: number;
  work(place: Workplace): Promise<never>;
}

const ROWS = 40;
const POINTS = 20;
const PATIENCE_MS = 180_000;

export const WORKLOADS: readonly Workload[] = [
  { name: 'ingest', withinMs: 700, work: ingest },
  { name: 'logging', withinMs: 400, work: logMetrics },
  { name: 'pipeline', withinMs: 2500, work: runPipelines },
  { name: 'release', withinMs: 1500, work: releaseVersions },
  { name: 'predictions', withinMs: 500, work: predictAndTell },
];

async function ingest({ client, folder, rng, round, acknowledged }: Workplace): Promise<never> {
  for (let i = 0; ; i += 1) {
    const rows = Array.from({ length: ROWS }, (_, row) => `${round}-${i}-${row},${rng.next()}`);
    const { digest } = await client.datasets.upload('readings', {
      body: `id,value\n${rows.join('\n')}\n`,
      contentType: 'text/csv',
    });
    acknowledged(async () => verifyObject(folder, digest));
    const source = { path: `object:${digest}`, format: 'csv' as const };
    const { jobId } = await client.datasets.startIngest('readings', { source, mode: 'append' }, { waitMs: 0 });
    // A job that was accepted is finished after a restart without anybody's hand.
    acknowledged(async () => {
      expect(await client.jobs.wait(jobId, { timeoutMs: PATIENCE_MS })).toMatchObject({ state: 'succeeded' });
    });
    const { delivery, version } = await client.datasets.ingest('readings', { source, mode: 'append' });
    acknowledged(async () => {
      expect(await client.datasets.delivery(delivery.id)).toEqual(delivery);
      const kept = await client.datasets.version('readings', version?.id ?? '');
      expect(kept).toEqual(version);
      for (const file of kept.files) verifyObject(folder, file.digest);
    });
  }
}

async function logMetrics({ client, folder, rng, round, acknowledged }: Workplace): Promise<never> {
  for (let i = 0; ; i += 1) {
    const run = await client.runs.start({ experiment: 'crash', name: `run ${round}-${i}`, params: { round, i } });
    const values: number[] = [];
    let status = 'running';
    acknowledged(async () => {
      const kept = await client.runs.get(run.id);
      expect(kept.params).toEqual({ round: String(round), i: String(i) });
      if (status !== 'running') expect(kept.status).toBe(status);
      const { items } = await client.runs.metricHistory(run.id, 'loss');
      // One batch more may have been written whose answer never arrived, but only as a whole.
      expect(items.map((point) => point.value).slice(0, values.length)).toEqual(values);
      expect((items.length - values.length) % POINTS).toBe(0);
    });
    for (let batch = 0; batch < 5; batch += 1) {
      const points = Array.from({ length: POINTS }, (_, p) => ({
        key: 'loss',
        value: rng.next(),
        step: batch * POINTS + p,
        timestampMs: 1_700_000_000_000 + batch * POINTS + p,
      }));
      await client.runs.log(run.id, { metrics: points });
      values.push(...points.map((point) => point.value));
    }
    const artifact = await client.runs.upload(run.id, 'notes.txt', { body: `notes ${rng.next()}` });
    acknowledged(async () => {
      expect((await client.runs.artifacts(run.id)).items).toContainEqual(artifact);
      verifyObject(folder, artifact.digest);
    });
    await client.runs.end(run.id, 'finished');
    status = 'finished';
  }
}

async function runPipelines({ client, people, rng, acknowledged }: Workplace): Promise<never> {
  for (;;) {
    const until = `2014-${String(1 + rng.int(12)).padStart(2, '0')}-${String(1 + rng.int(28)).padStart(2, '0')}`;
    const params = { rows: `location = 'Seattle' AND date < '${until}'`, testFrom: '2013-06-01' };
    const { id } = await people.dana.pipelines.run('rain', { params, cache: 'off' });
    acknowledged(async () => {
      const run = await client.pipelineRuns.wait(id, { timeoutMs: PATIENCE_MS });
      expect({ state: run.state, errors: run.steps.map((step) => step.error).filter(Boolean) }).toEqual({
        state: 'succeeded',
        errors: [],
      });
      for (const step of run.steps) expect(['succeeded', 'cached']).toContain(step.state);
    });
    await client.pipelineRuns.wait(id, { timeoutMs: PATIENCE_MS });
  }
}

async function releaseVersions({ client, people, rng, acknowledged }: Workplace): Promise<never> {
  const { items } = await client.models.versions('rain');
  for (;;) {
    const version = items[rng.int(items.length)]?.version ?? 1;
    const { id } = await people.dana.releases.request({ endpoint: 'rain', version, reason: 'crash test' });
    let signatures = 0;
    let released = false;
    acknowledged(async () => {
      const kept = await client.releases.wait(id, ['awaiting-approval', 'approved'], { timeoutMs: PATIENCE_MS });
      expect(kept.state).not.toBe('testing');
      expect(kept.signatures.length).toBeGreaterThanOrEqual(signatures);
      if (released) expect(kept.releasedAtMs).not.toBeNull();
    });
    const tested = await client.releases.wait(id, ['awaiting-approval'], { timeoutMs: PATIENCE_MS });
    if (tested.state !== 'awaiting-approval') continue;
    await people.quinn.releases.sign(id, { meaning: 'approved', role: 'qa', comment: 'read' });
    signatures = 1;
    await people.olivia.releases.sign(id, { meaning: 'approved', role: 'product-owner', comment: 'go' });
    signatures = 2;
    released = (await client.releases.rollOut(id)).state === 'released';
  }
}

async function predictAndTell({ client, people, rng, round, acknowledged }: Workplace): Promise<never> {
  for (let i = 0; ; i += 1) {
    const ids = Array.from({ length: 1 + rng.int(5) }, (_, row) => `${round}/${i}/${row}`);
    await client.endpoints.predict('rain', { rows: ids.map(() => exampleRow), ids });
    const truths = ids.map((id) => ({ id, label: rng.next() < 0.5 ? 'true' : 'false' }));
    let told = false;
    // The truth of a prediction that is gone would be unmatched; one that was told before changes nothing.
    acknowledged(async () => {
      const outcome = await people.dana.truths.post('rain', truths);
      expect(outcome).toMatchObject({ unmatched: 0, ...(told && { unchanged: ids.length }) });
      told = true;
    });
    if (rng.next() < 0.5) continue;
    await people.dana.truths.post('rain', truths);
    told = true;
  }
}

/** The object is where it was put, and its bytes are those of its name. */
function verifyObject(folder: string, digest: string): void {
  const bytes = readFileSync(join(folder, 'home', 'objects', digest.slice(0, 2), digest.slice(2)));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest);
}
