import { setTimeout as sleep } from 'node:timers/promises';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LiveServer, startLiveServer, temporaryFolder } from '../harness/live-server.js';
import {
  addPeople,
  exampleRow,
  type People,
  type Project,
  runToRelease,
  signAndRollOut,
  smallProject,
} from '../harness/port-weather.js';

const CALLERS = 4;
const GUARDRAILS = { maxErrorRatio: 0.01, maxP99Ms: 5_000, maxNonFiniteRatio: 0 };
const DECIDED_MS = 60_000;

const { folder, dispose } = temporaryFolder('rollouts');
let server: LiveServer;
let client: FairleadClient;
let people: People;
let project: Project;

beforeAll(async () => {
  server = await startLiveServer({ folder });
  client = createClient({ url: server.url, maxRetries: 0 });
  project = smallProject(folder);
  project.rules = {};
  await declare({ kind: 'all-at-once' });
  people = await addPeople(client);
  const first = await runToRelease(people);
  expect((await signAndRollOut(people, client, first.id)).state).toBe('released');
  const second = await runToRelease(people, { rows: "location = 'Seattle' AND date < '2015-05-01'" });
  expect(second).toMatchObject({ version: 2, state: 'awaiting-approval' });
});
afterAll(async () => {
  await server?.stop();
  dispose();
});

function declare(rollout: object): Promise<unknown> {
  Object.assign(project.endpoints.rain.release, { gates: [{ kind: 'contract' }], rollout });
  return client.projects.apply({ folder, project: project as never });
}

interface Answer {
  readonly id: string;
  readonly version: number;
}

/** Callers that ask one after the other, each with keys of its own. Rejects at the first request that fails. */
function beginTraffic(onAnswer: (answer: Answer) => Promise<unknown> | undefined = () => undefined) {
  const answers: Answer[] = [];
  let isEnded = false;
  const caller = async (name: number) => {
    for (let i = 0; !isEnded; i += 1) {
      const id = `${name}/${i}/${Date.now()}`;
      const { version } = await client.endpoints.predict('rain', { rows: [exampleRow], ids: [id], routeKey: id });
      answers.push({ id, version });
      await onAnswer({ id, version });
    }
  };
  const all = Promise.all(Array.from({ length: CALLERS }, (_, name) => caller(name)));
  all.catch(() => undefined);
  return {
    answers,
    end: async () => {
      isEnded = true;
      await all;
    },
  };
}

const live = async () =>
  (await client.endpoints.predict('rain', { rows: [exampleRow], routeKey: 'who serves' })).version;

/** Asks for the version that is not live, and starts its rollout. */
async function beginRollout(rollout: object) {
  await declare(rollout);
  const stable = await live();
  const candidate = stable === 1 ? 2 : 1;
  const asked = await people.dana.releases.request(
    { endpoint: 'rain', version: candidate, reason: 'a try' },
    { waitMs: 60_000 },
  );
  const { id } = await signAndRollOut(people, client, asked.id);
  return { id, stable, candidate };
}

const shares = (answers: readonly Answer[], version: number) =>
  answers.filter((answer) => answer.version === version).length / answers.length;

describe('a rollout under load', () => {
  it('blue-green: one switch, no request fails, and one command goes back', async () => {
    const traffic = beginTraffic();
    const { id, stable, candidate } = await beginRollout({
      kind: 'blue-green',
      hold: '2s',
      minRequests: 20,
      guardrails: GUARDRAILS,
    });
    const from = traffic.answers.length + CALLERS;
    expect(await client.releases.wait(id, ['released'], { timeoutMs: DECIDED_MS })).toMatchObject({
      state: 'released',
    });
    expect(shares(traffic.answers.slice(from), candidate)).toBe(1);
    await client.releases.rollBack('rain', { reason: 'it was a try' });
    // Those that were under way at the time of the command may still come from the version before.
    const after = traffic.answers.length + CALLERS;
    await sleep(200);
    await traffic.end();
    expect(traffic.answers.length).toBeGreaterThan(after);
    expect(shares(traffic.answers.slice(after), stable)).toBe(1);
  });

  it('shadow: callers see the live version only, answers are compared, and a person promotes', async () => {
    const { id, stable, candidate } = await beginRollout({ kind: 'shadow', guardrails: GUARDRAILS });
    const traffic = beginTraffic();
    await expect
      .poll(async () => (await client.releases.get(id)).rollout?.experiment, { timeout: DECIDED_MS, interval: 200 })
      .toMatchObject({ pairs: expect.toSatisfy((pairs: number) => pairs >= 50) });
    await traffic.end();
    expect(shares(traffic.answers, stable)).toBe(1);
    expect((await client.releases.advance(id, { force: true })).state).toBe('released');
    expect(await live()).toBe(candidate);
  });

  it('A/B test: nothing is decided before the horizon; then the better version stays', async () => {
    const { id, candidate } = await beginRollout({
      kind: 'ab-test',
      weight: 0.5,
      metric: 'reward',
      standardDeviation: 0.5,
      effect: 0.2,
      guardrails: GUARDRAILS,
    });
    const begun = await client.releases.get(id);
    const plan = begun.rollout?.experiment?.plan;
    expect(plan?.candidate).toBeGreaterThan(50);
    const traffic = beginTraffic(({ id: prediction, version }) => {
      const noise = (Number(prediction.split('/')[1]) % 5) / 10;
      return client.rewards.post('rain', [{ id: prediction, value: noise + (version === candidate ? 0.8 : 0) }]);
    });
    const looks: { observed: number; result: unknown }[] = [];
    await expect
      .poll(
        async () => {
          const { state, rollout } = await client.releases.get(id);
          const { observed, result } = rollout?.experiment ?? {};
          looks.push({ observed: Math.min(observed?.candidate ?? 0, observed?.stable ?? 0), result });
          return state;
        },
        { timeout: DECIDED_MS, interval: 100 },
      )
      .toBe('released');
    await traffic.end();
    expect(looks.filter(({ observed, result }) => observed < (plan?.candidate ?? 0) && result != null)).toEqual([]);
    const { rollout } = await client.releases.get(id);
    expect(rollout?.experiment?.result?.difference.lower).toBeGreaterThan(0.4);
    expect(rollout?.experiment?.sampleRatioP).toBeGreaterThan(0.001);
    expect(await live()).toBe(candidate);
  });

  it('bandit: traffic follows late rewards, every share is on record, the best stays', async () => {
    const { id, stable, candidate } = await beginRollout({
      kind: 'bandit',
      metric: 'reward',
      redraw: '1s',
      endAt: 0.99,
      minRewards: 60,
      guardrails: GUARDRAILS,
    });
    const late: { id: string; value: number }[] = [];
    const traffic = beginTraffic(async ({ id: prediction, version }) => {
      late.push({ id: prediction, value: version === candidate ? 1.1 : Number(prediction.split('/')[1]) % 2 });
      if (late.length >= 20) await client.rewards.post('rain', late.splice(0));
      await sleep(20);
    });
    const done = await client.releases.wait(id, ['released'], { timeoutMs: DECIDED_MS });
    await traffic.end();
    expect(done.state).toBe('released');
    expect(await live()).toBe(candidate);
    const { items } = await client.endpoints.history('rain', { limit: 50 });
    const own = items.filter(({ reason }) => reason.includes(id));
    expect(own.length).toBeGreaterThanOrEqual(2);
    const begun = own.at(-1);
    const { items: then } = await client.endpoints.history('rain', { atMs: (begun?.setAtMs ?? 0) + 1 });
    expect(then[0]?.entries.map(({ version }) => version).sort()).toEqual([candidate, stable].sort());
  });

  it('bandit of three versions: each is answered by, late rewards decide, and the best stays whichever it is', async () => {
    await declare({ kind: 'all-at-once' });
    const asked = await runToRelease(people, { rows: "location = 'Seattle' AND date < '2015-04-01'" });
    const stable = await live();
    const arm = stable === 1 ? 2 : 1;
    await declare({
      ...{ kind: 'bandit', metric: 'reward', redraw: '1s', endAt: 0.99, minRewards: 60, arms: [arm] },
      guardrails: GUARDRAILS,
    });
    const { version } = asked;
    const again = await people.dana.releases.request(
      { endpoint: 'rain', version, reason: 'one of three' },
      { waitMs: 60_000 },
    );
    const { id, rollout } = await signAndRollOut(people, client, again.id);
    expect(rollout?.arms?.map((one) => one.version)).toEqual([version, stable, arm]);
    const late: { id: string; value: number }[] = [];
    const traffic = beginTraffic(async ({ id: prediction, version: answered }) => {
      late.push({ id: prediction, value: answered === arm ? 1.1 : Number(prediction.split('/')[1]) % 2 });
      if (late.length >= 20) await client.rewards.post('rain', late.splice(0));
      await sleep(20);
    });
    const done = await client.releases.wait(id, ['superseded'], { timeoutMs: DECIDED_MS });
    await traffic.end();
    expect(done).toMatchObject({ state: 'superseded', rollout: { winner: arm } });
    expect(new Set(traffic.answers.map((answer) => answer.version))).toEqual(new Set([version, stable, arm]));
    expect(await live()).toBe(arm);
  });
});
