import { ROLES } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import { differences } from './differences.js';
import { parseProject } from './parse-project.js';

const minimal = {
  project: 'port',
  datasets: {
    weather: {
      source: { path: 'weather.csv', columns: { date: { type: 'timestamp' }, raining: { type: 'boolean' } } },
      time: 'date',
      label: { name: 'rain_ahead', of: 'raining', horizon: '1d' },
    },
  },
  pipelines: {
    rain: { steps: { split: { uses: 'split', with: {} } }, triggers: [{ on: 'data-version', dataset: 'weather' }] },
  },
  endpoints: {
    rain: {
      model: 'rain',
      release: {
        gates: [{ kind: 'beats-baseline', margin: 0 }],
        approval: { required: [{ role: 'qa', count: 1 }] },
        rollout: {
          kind: 'canary',
          steps: [
            { weight: 0.2, minRequests: 10 },
            { weight: 1, minRequests: 0 },
          ],
          guardrails: { maxErrorRatio: 0.01, maxP99Ms: 100, maxNonFiniteRatio: 0 },
          maxWait: '1h',
        },
      },
    },
  },
  monitors: { rain: { endpoint: 'rain', windowRows: 60 } },
  rules: { retrain: { on: 'monitoring.alert-opened', actions: [{ kind: 'retrain', pipeline: 'rain' }] } },
};

const stream = { endpoint: 'rain', broker: 'kafka://a', stream: 'days', output: 'out', deadLetter: 'dead' };

const broken = (change: (project: typeof minimal & Record<string, unknown>) => void) => {
  const copy = structuredClone(minimal) as typeof minimal & Record<string, unknown>;
  change(copy);
  return () => parseProject(copy);
};

describe('a project file', () => {
  it('becomes milliseconds and defaults', () => {
    const ir = parseProject(minimal);
    expect(ir.datasets.weather?.label?.horizonMs).toBe(86_400_000);
    expect(ir.endpoints.rain?.policy.approval).toMatchObject({ excludeAuthor: true, expiresAfterHours: 168 });
    expect(ir.endpoints.rain?.policy.rollout).toMatchObject({
      advance: 'auto',
      maxWaitMs: 3_600_000,
      onMaxWait: 'hold',
    });
    expect(ir.rules.retrain).toMatchObject({ coolDownMs: 21_600_000, dryRun: false, enabled: true });
    expect(ir.monitors.rain).toMatchObject({ minRows: 30, drift: { alpha: 0.01, minEffect: 0.1 } });
  });

  it('may ask for signatures in every role that a person can have, and in no other', () => {
    const asking = (roles: readonly string[]) =>
      broken(({ endpoints }) => {
        endpoints.rain.release.approval.required = roles.map((role) => ({ role, count: 1 }));
      });
    const { approval } = asking(ROLES)().endpoints.rain?.policy ?? {};
    expect(approval?.required.map(({ role }) => role)).toEqual(ROLES);
    expect(asking(['captain'])).toThrow(/role/);
  });

  it('knows environments with parts of a policy, gates with times, and waivers', () => {
    const ir = parseProject({
      ...minimal,
      environments: {
        staging: { approval: 'required', policy: { approval: { required: [], expiresAfter: '1d' } } },
        sandbox: { approval: 'none', description: 'for trying things' },
      },
      endpoints: {
        rain: {
          ...minimal.endpoints.rain,
          release: {
            ...minimal.endpoints.rain.release,
            gates: [{ kind: 'command', name: 'check', timeout: '2m' }],
            waivers: { roles: ['risk-manager'], longest: '2d' },
          },
        },
      },
    });
    expect(ir.environments).toEqual({
      staging: {
        ...{ name: 'staging', description: '', approval: 'required' },
        policy: { approval: { required: [], excludeAuthor: true, expiresAfterHours: 24 } },
      },
      sandbox: { name: 'sandbox', description: 'for trying things', approval: 'none', policy: {} },
    });
    expect(ir.endpoints.rain?.policy).toMatchObject({
      gates: [{ kind: 'command', name: 'check', timeoutMs: 120_000 }],
      waivers: { roles: ['risk-manager'], maxHours: 48, never: [] },
    });
  });

  it('refuses a misspelt key and names its place', () => {
    expect(broken((p) => Object.assign(p.datasets.weather, { tiem: 'date' }))).toThrow(
      /datasets\.weather: unknown key 'tiem'/,
    );
  });

  it('refuses an unknown gate and a step of two kinds', () => {
    expect(broken((p) => Object.assign(p.endpoints.rain.release, { gates: [{ kind: 'vibes' }] }))).toThrow(
      expect.objectContaining({ code: 'PRJ_INVALID' }),
    );
    expect(broken((p) => Object.assign(p.pipelines.rain.steps.split, { run: ['x'] }))).toThrow(/exactly one of/);
  });

  it('knows streams with their defaults, and those that shall not be', () => {
    const days = { endpoint: 'rain', broker: 'kafka://a', stream: 'days', output: 'out', deadLetter: 'dead' };
    const { streams } = parseProject({
      ...minimal,
      streams: { days: { ...days, environment: 'test', ackWait: '1m' }, old: { removed: true } },
    });
    expect(streams).toEqual({
      days: {
        ...{ name: 'days', ...days, environment: 'test', subject: null, maxInFlight: 64, ackWaitMs: 60_000 },
        ...{ maxDeliveries: 100, paused: false },
      },
      old: null,
    });
  });

  it.each([
    [{ endpoint: 'rain' }, /^streams\.days: must have required property 'broker'/],
    [{ removed: true, endpoint: 'rain' }, /^streams\.days: must NOT have more than 1 propert/],
    [{ ...stream, broker: 'kafka://u:p@a' }, /^streams\.days\.broker: must match pattern/],
    [{ ...stream, maxInFlight: 0 }, /^streams\.days\.maxInFlight: must be >= 1/],
    [{ ...stream, ackWait: '2h' }, /^streams\.days\.ackWait: is 2h, expected 1s to 1h/],
    [{ ...stream, endpoint: 'snow' }, /^streams\.days\.endpoint names the endpoint 'snow', which is not declared/],
    [{ ...stream, environment: 'tset' }, /^streams\.days\.environment names the environment 'tset'/],
  ])('names the place of what is wrong with the stream %j', (days, message) => {
    expect(broken((p) => Object.assign(p, { streams: { days } }))).toThrow(
      expect.objectContaining({ message: expect.stringMatching(message) }),
    );
  });

  it.each([
    ['a column that is not in the contract', broken((p) => Object.assign(p.datasets.weather, { time: 'when' }))],
    ['an undeclared endpoint', broken((p) => Object.assign(p.monitors.rain, { endpoint: 'snow' }))],
    [
      'an undeclared pipeline',
      broken((p) => Object.assign(p.rules.retrain, { actions: [{ kind: 'retrain', pipeline: 'x' }] })),
    ],
    [
      'an undeclared dataset',
      broken((p) => Object.assign(p.pipelines.rain, { triggers: [{ on: 'data-version', dataset: 'x' }] })),
    ],
  ])('refuses %s', (_, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'PRJ_REFERENCE' }));
  });
});

describe('the differences of two declarations', () => {
  it('are named leaf by leaf', () => {
    expect(differences({ a: { b: 1, c: [1] }, d: 2 }, { a: { b: 1, c: [2] }, e: 3 })).toEqual([
      { path: 'a.c', before: '[1]', after: '[2]' },
      { path: 'd', before: '2', after: null },
      { path: 'e', before: null, after: '3' },
    ]);
    expect(differences({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual([]);
  });
});
