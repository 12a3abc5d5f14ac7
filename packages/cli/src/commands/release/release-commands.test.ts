import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type FairleadClient } from '@fairlead/sdk';
import { type RunningServer, startServer } from '@fairlead/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ParsedLine, parseLine } from '../../parse-line.fixture.js';
import { type Outcome, run } from '../../testing-io.fixture.js';

// y = x·[2, 3, 5, 7] + 0.5, written by external-model.fixture.ts of the server.
const MODEL = new URL('../registry/fixtures/several-files/', import.meta.url);
/** Nothing proves the parity of a model that came from elsewhere, so that gate is insufficient. */
const POLICY = {
  gates: [
    { kind: 'documentation', minCompleteness: 0.01 },
    { kind: 'onnx-parity', maxAbsDifference: 0.001 },
  ],
  approval: { required: [{ role: 'qa', count: 1 }] },
  rollout: {
    kind: 'canary',
    steps: [
      { weight: 0.2, minRequests: 20 },
      { weight: 1, minRequests: 0 },
    ],
    guardrails: { maxErrorRatio: 0.01, maxP99Ms: 60_000, maxNonFiniteRatio: 0 },
    maxWait: '2h',
  },
  waivers: { roles: ['risk-manager'], longest: '14d' },
};

let folder: string;
let server: RunningServer;
let client: FairleadClient;
/** Tokens of people who are not the author. */
let tokens: Record<'quinn' | 'rita', string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fairlead-release-cli-'));
  for (const [i, version] of ['first', 'second', 'third', 'fourth'].entries()) {
    const [model, weights] = ['model.onnx', 'model.onnx.data'].map((file) => readFileSync(new URL(file, MODEL)));
    // Other models: their first weight is another one.
    if (i > 0) weights?.writeFloatLE(3 + i, 0);
    mkdirSync(join(folder, version));
    writeFileSync(join(folder, version, 'model.onnx'), model ?? '');
    writeFileSync(join(folder, version, 'model.onnx.data'), weights ?? '');
  }
  writeFileSync(join(folder, 'policy.json'), JSON.stringify(POLICY));
  const flags = { home: join(folder, 'home'), port: 0, logLevel: 'silent' as const };
  server = await startServer({ flags, env: {}, cwd: folder });
  client = createClient({ url: server.url });
  await fairlead('model register rain first/model.onnx --columns a,b,c,d');
  await fairlead('model register rain second/model.onnx --columns a,b,c,d');
  await fairlead('endpoint declare rain rain');
  const tokenOf = async (name: string, roles: string) => {
    await fairlead(`person add ${name} --roles ${roles}`);
    return JSON.parse((await fairlead(`person token ${name} --json`)).stdout).token as string;
  };
  tokens = { quinn: await tokenOf('quinn', 'qa'), rita: await tokenOf('rita', 'risk-manager') };
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a command line; `rest` are words that hold blanks. */
const fairlead = (line: string, ...rest: string[]): Promise<Outcome> =>
  run([...line.split(' '), ...rest, '--url', server.url], { cwd: folder, nowMs: Date.now() });
const reason = ['--reason', 'why not'];

async function refused(outcome: Promise<Outcome>, code: string, exitCode = 1): Promise<string> {
  const { stderr, stdout, exitCode: found } = await outcome;
  expect({ found, stdout }).toEqual({ found: exitCode, stdout: '' });
  expect(stderr).toContain(code);
  return stderr;
}

async function newest(): Promise<string> {
  const [release] = (await client.releases.list({ endpoint: 'rain', limit: 1 })).items;
  return release?.id ?? '';
}

describe('a release policy on the command line', () => {
  it('is refused before the endpoint is there, and where it contradicts its schema', async () => {
    await refused(fairlead('release plan rain --version 1'), 'REL_POLICY_NOT_FOUND');
    await refused(fairlead('release policy snow policy.json'), 'SRV_ENDPOINT_NOT_FOUND');
    writeFileSync(join(folder, 'bad.json'), JSON.stringify({ ...POLICY, gates: [{ kind: 'luck' }] }));
    expect(await refused(fairlead('release policy rain bad.json'), 'HTTP_INVALID_REQUEST')).toContain('gates/0/kind');
    const nothing = { ...POLICY, gates: [{ kind: 'fairness', columns: ['sex'] }] };
    writeFileSync(join(folder, 'bad.json'), JSON.stringify(nothing));
    await refused(fairlead('release policy rain bad.json'), 'REL_POLICY_INVALID');
  });

  it('is set, read in words, and stands in the audit log', async () => {
    const set = await fairlead('release policy rain policy.json');
    expect(set).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/declared\n$/) });
    expect((await fairlead('release policy rain policy.json')).stdout).toMatch(/unchanged\n$/);
    const { stdout } = await fairlead('release policy rain');
    for (const words of [
      /onnx-parity +same labels as the trainer, probabilities within 0.001/,
      /quorum +1 signature: 1 qa; each of another person/,
      /may not sign +whoever registered the version, whoever requests it/,
      /waivers +risk-manager may let it go on although a gate did not pass, for at most 14 d/,
      /1 +20 % +20 requests of the candidate with all guardrails held/,
      /2 +100 % +all guardrails held: released/,
      /requests that fail \(5xx\) +at most 1 %/,
      /longest wait +2 h without a judgement, then it stays where it is/,
    ]) {
      expect(stdout).toMatch(words);
    }
    expect((await fairlead('audit list --type release.policy-declared')).stdout).toContain('rain');
  });
});

describe('a release on the command line', () => {
  it('is planned: what it goes through in words, and nothing is changed', async () => {
    const { stdout, exitCode } = await fairlead('release plan rain --version 1');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/documentation@1 +1 % of the model card filled/);
    expect(stdout).toMatch(/may not sign +local, whoever requests it/);
    expect(stdout).toMatch(/in the way +nobody has evaluated the version/);
    expect(stdout).toContain('the first release takes every request');
    expect(stdout).not.toContain('{');
    expect((await client.releases.list({ endpoint: 'rain' })).items).toEqual([]);
    const plan = JSON.parse((await fairlead('release plan rain --version 1 --json')).stdout);
    expect(plan).toMatchObject({ version: 1, expiresAfterHours: 168, waivers: { roles: ['risk-manager'] } });
  });

  it('is started, waived by a person of the role, signed, rolled out', async () => {
    expect((await fairlead('release status rain')).stdout).toContain('nobody asked for a release of rain');
    await refused(fairlead('release start rain --version 1'), 'needs a --reason', 2);
    const started = await fairlead('release start rain --version 1', ...reason);
    expect(started).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/ONNX parity +insufficient/) });
    const id = await newest();
    const failed = (await fairlead('release status rain')).stdout;
    expect(failed).toMatch(/state +gates-failed/);
    expect(failed).toContain('next: fairlead release policy rain');
    const waive = `release waive ${id} --gate onnx-parity --role risk-manager --for`;
    await refused(fairlead(`${waive} 7d`), 'needs --gate, --role, --reason and --for', 2);
    await refused(fairlead(`${waive} 7d`, ...reason), 'IDN_NAMED_PERSON_REQUIRED');
    await refused(fairlead(`${waive} 30d --token ${tokens.rita}`, ...reason), 'REL_WAIVER_INVALID');
    const waived = await fairlead(`${waive} 7d --token ${tokens.rita}`, ...reason);
    expect(waived).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/waived +by +role[^\n]*\nONNX parity +rita/),
    });
    await refused(fairlead(`release start ${id}`), 'REL_WRONG_STATE');
    const signed = await fairlead(`release sign ${id} --role qa --token ${tokens.quinn}`, '--comment', 'read it');
    expect(signed.stdout).toContain('approved');
    expect(await fairlead(`release start ${id}`)).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/state +released/),
    });
    expect((await fairlead(`release status ${id}`)).stdout).toMatch(/state +released/);
  });

  it('moves by steps: paused, resumed, promoted by hand, rolled back, told in its history', async () => {
    await fairlead('release start rain --version 2', ...reason);
    const id = await newest();
    await fairlead(
      `release waive ${id} --gate onnx-parity --role risk-manager --for 7d --token ${tokens.rita}`,
      ...reason,
    );
    await fairlead(`release sign ${id} --role qa --token ${tokens.quinn}`);
    expect((await fairlead('release plan rain --version 2')).stdout).toMatch(/live +version 1/);
    expect((await fairlead(`release start ${id}`)).stdout).toMatch(/rollout +canary, 20 % of the requests/);
    await refused(fairlead(`release pause ${id}`), 'needs a --reason', 2);
    const paused = (await fairlead(`release pause ${id}`, '--reason', 'a sale')).stdout;
    expect(paused).toMatch(/paused .*by local: a sale/);
    expect(paused).toMatch(/waiting for +somebody to let the paused rollout go on/);
    expect(paused).toContain(`${server.url}/releases/${id}`);
    expect((await fairlead(`release resume ${id}`)).stdout).not.toMatch(/^paused/m);
    expect((await fairlead(`release promote ${id}`)).stdout).toMatch(/rollout +100 %|state +released/);
    await fairlead(`release wait ${id} --for released --timeout 30s`);
    await refused(fairlead('release rollback rain'), 'needs a --reason', 2);
    expect((await fairlead('release rollback rain', ...reason)).stdout).toContain('rain is served by version 1 again');
    expect((await fairlead(`release status ${id}`)).stdout).toMatch(/state +rolled-back/);
    const { stdout } = await fairlead('release history rain');
    expect(stdout).toMatch(/revision +served by/);
    expect(stdout).toMatch(/version 2 20 %, version 1 80 %/);
  }, 60_000);

  it('is a bandit of four versions, each approved by itself, shown with every share', async () => {
    const { steps: _, ...canary } = POLICY.rollout;
    const bandit = { ...canary, kind: 'bandit', metric: 'reward', arms: [2] };
    writeFileSync(join(folder, 'bandit.json'), JSON.stringify({ ...POLICY, rollout: bandit }));
    await fairlead('release policy rain bandit.json');
    for (const version of ['third', 'fourth']) {
      await fairlead(`model register rain ${version}/model.onnx --columns a,b,c,d`);
    }
    const ids = [];
    for (const version of [3, 4]) {
      await fairlead(`release request rain --beside --version ${version}`, ...reason);
      const id = await newest();
      const waiver = `--gate onnx-parity --role risk-manager --for 7d --token ${tokens.rita}`;
      await fairlead(`release waive ${id} ${waiver}`, ...reason);
      await fairlead(`release sign ${id} --role qa --token ${tokens.quinn}`);
      ids.push(id);
    }
    const [third, fourth] = ids;
    await refused(fairlead('release start rain --arm 3', ...reason), 'Arms are named when', 2);
    await refused(fairlead(`release rollout ${fourth} --arm 3 --no-arms`), 'contradict', 2);
    await refused(fairlead(`release start ${fourth} --arm 9`), 'REG_VERSION_NOT_FOUND');
    expect(await refused(fairlead(`release start ${fourth} --arm 1`), 'REL_ARMS_INVALID')).toContain('live version');
    const { stdout } = await fairlead(`release start ${fourth} --arm 2 --arm 3`);
    expect(stdout).toMatch(/rollout +bandit of 4 versions; bandit begins with 4 versions/);
    expect(stdout).toMatch(
      /version 4 +candidate +25 %[^\n]*\nversion 1 +stable version +25 %[^\n]*\nversion 2 +arm +25 %/,
    );
    expect((await fairlead(`release status ${third}`)).stdout).toContain(`next: fairlead release wait ${fourth}`);
    expect((await fairlead('endpoint history rain')).stdout).toMatch(/version 4 25 %, version 2 25 %, version 3 25 %/);
    const shown = JSON.parse((await fairlead('release status rain --json')).stdout);
    expect(shown).toMatchObject({
      id: fourth,
      rollout: { arms: [{ share: 0.25 }, {}, { version: 2 }, { version: 3 }] },
    });
    await fairlead('release rollback rain', ...reason);
    expect(JSON.parse((await fairlead(`release status ${fourth} --json`)).stdout).rollout).toMatchObject({
      winner: 1,
      arms: [{ share: 0 }, { version: 1, share: 1 }, {}, {}],
    });
    expect((await fairlead(`release status ${third}`)).stdout).toMatch(/state +superseded/);
  }, 60_000);

  it('takes the arms of its policy when nobody names others, also from a request without a body', async () => {
    await fairlead('release request rain --version 3', ...reason);
    const id = await newest();
    const waiver = `--gate onnx-parity --role risk-manager --for 7d --token ${tokens.rita}`;
    await fairlead(`release waive ${id} ${waiver}`, ...reason);
    await fairlead(`release sign ${id} --role qa --token ${tokens.quinn}`);
    const answer = await fetch(`${server.url}/api/v1/releases/${id}/rollout`, { method: 'POST' });
    expect(await answer.json()).toMatchObject({ rollout: { arms: [{ version: 3 }, { version: 1 }, { version: 2 }] } });
  });
});

describe('environments on the command line', () => {
  it('are declared, shown in words, served in, and removed once nothing serves there', async () => {
    await refused(fairlead('environment declare sandbox'), 'needs --approval required or none', 2);
    expect((await fairlead('environment declare sandbox --approval none')).stdout).toMatch(/declared\n$/);
    const own = { approval: { required: [{ role: 'qa', count: 2 }] } };
    writeFileSync(join(folder, 'staging.json'), JSON.stringify(own));
    expect((await fairlead('environment declare staging staging.json --approval required')).exitCode).toBe(0);
    expect((await fairlead('environment show staging')).stdout).toMatch(/quorum +2 signatures: 2 qa/);
    expect((await fairlead('environment list')).stdout).toMatch(/staging +required +of the endpoint, but its own/);
    expect((await fairlead('release policy rain --environment staging')).stdout).toMatch(/quorum +2 signatures/);
    await refused(fairlead('endpoint deploy rain'), 'needs a --version', 2);
    await refused(fairlead('endpoint deploy rain --version 1 --environment production'), 'SRV_RELEASE_NEEDED');
    await refused(fairlead('endpoint deploy rain --version 9 --environment sandbox'), 'REG_VERSION_NOT_FOUND');
    const deployed = (await fairlead('endpoint deploy rain --version 2 --environment sandbox')).stdout;
    expect(deployed).toContain('rain is served by version 2 in sandbox');
    const [, ask = ''] = /^next: fairlead (.*)$/m.exec(deployed) ?? [];
    expect(await fairlead(ask)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await refused(fairlead('environment remove sandbox'), 'REL_ENVIRONMENT_IN_USE')).toContain(
      'version 2 of rain is deployed there',
    );
    await refused(fairlead('endpoint withdraw rain --environment sandbox'), '--environment and --reason', 2);
    expect((await fairlead('endpoint withdraw rain --environment sandbox', ...reason)).stdout).toBe(
      'rain is no longer served in sandbox\n',
    );
    expect((await fairlead('environment remove sandbox')).stdout).toBe('the environment sandbox is removed\n');
    await refused(fairlead('environment show sandbox'), 'REL_ENVIRONMENT_NOT_FOUND');
    await refused(fairlead('environment remove production'), 'REL_ENVIRONMENT_IN_USE');
    expect((await fairlead('audit list --type release.environment-removed')).stdout).toContain('sandbox');
  });
});

/** The commands that are shown of a release, by `release show` and on its page, as the program reads them. */
async function shownCommands(id: string): Promise<{ next: ParsedLine[]; page: ParsedLine[] }> {
  const { stdout } = await fairlead(`release show ${id}`);
  const page = await (await fetch(`${server.url}/releases/${id}`)).text();
  const text = page.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>');
  const parseAll = (found: Iterable<RegExpMatchArray>) =>
    Promise.all([...found].map(([, line = '']) => parseLine(line)));
  return {
    next: await parseAll(stdout.matchAll(/^next: (.*)$/gm)),
    page: await parseAll(text.matchAll(/<code>npx (.*?)<\/code>/g)),
  };
}

describe('the commands that are shown of a release to an environment of its own', () => {
  const told = (comment: object = {}) => ({ role: 'qa', token: '$TOKEN', ...comment });
  const signing = { command: 'release sign', options: told() };
  const goingBack = { command: 'release rollback', args: ['rain'], options: { environment: 'staging' } };

  it('are read by the program as they stand and name the environment, in every state up to its withdrawal', async () => {
    const one = { ...POLICY, approval: { required: [{ role: 'qa', count: 1 }] } };
    writeFileSync(join(folder, 'staging.json'), JSON.stringify({ approval: one.approval, rollout: one.rollout }));
    await fairlead('environment declare staging staging.json --approval required');
    const planned = await fairlead('release plan rain --version 1 --environment staging');
    const [, line = ''] = /^next: (.*)$/m.exec(planned.stdout) ?? [];
    expect(await parseLine(line)).toMatchObject({ command: 'release start', options: { environment: 'staging' } });

    const release = async (version: number) => {
      await fairlead(`release start rain --version ${version} --environment staging`, ...reason);
      const [newest] = (await client.releases.list({ endpoint: 'rain', environment: 'staging', limit: 1 })).items;
      return newest?.id ?? '';
    };
    const waive = (id: string) => {
      const who = `--role risk-manager --for 7d --token ${tokens.rita}`;
      return fairlead(`release waive ${id} --gate onnx-parity ${who}`, ...reason);
    };
    const id = await release(1);
    expect(await shownCommands(id)).toMatchObject({
      next: [{ command: 'release policy', args: ['rain'], options: { environment: 'staging' } }],
      page: [{ command: 'release waive', args: [id], options: { gate: 'onnx-parity', role: 'risk-manager' } }],
    });
    await waive(id);
    expect(await shownCommands(id)).toMatchObject({
      next: [{ ...signing, args: [id] }],
      page: [signing, { ...signing, options: told({ reject: true }) }],
    });
    await fairlead(`release sign ${id} --role qa --token ${tokens.quinn}`);
    const rollout = { command: 'release rollout', args: [id] };
    expect(await shownCommands(id)).toMatchObject({ next: [rollout], page: [rollout] });
    await fairlead(`release rollout ${id}`);
    const shown = { command: 'endpoint show', args: ['rain'], options: { environment: 'staging' } };
    expect(await shownCommands(id)).toMatchObject({ next: [shown], page: [goingBack] });

    const second = await release(2);
    await waive(second);
    await fairlead(`release sign ${second} --role qa --token ${tokens.quinn}`);
    await fairlead(`release rollout ${second}`);
    const [pause, promote] = ['release pause', 'release promote'].map((command) => ({ command, args: [second] }));
    expect(await shownCommands(second)).toMatchObject({
      next: [{ command: 'release wait', args: [second], options: { for: 'released' } }],
      page: [pause, promote, goingBack],
    });
    const back = await fairlead('release rollback rain --environment staging', ...reason);
    const [, after = ''] = /^next: (.*)$/m.exec(back.stdout) ?? [];
    expect(await parseLine(after)).toMatchObject({ command: 'endpoint history', options: { environment: 'staging' } });

    await fairlead('endpoint withdraw rain --environment staging', '--reason', 'tried');
    expect((await fairlead(`release show ${id}`)).stdout).toMatch(/state +withdrawn[\s\S]*ended because +tried/);
    expect(await shownCommands(id)).toEqual({ next: [], page: [] });
    expect(await (await fetch(`${server.url}/releases/${id}`)).text()).toMatch(
      /withdrawn[\s\S]*Ended because[\s\S]*tried/,
    );
    expect((await fairlead('release list --state withdrawn')).stdout).toContain(id);
    expect((await fairlead('release history rain --environment staging')).stdout).toMatch(/tried/);
    await refused(fairlead(`release rollout ${id}`), 'REL_WRONG_STATE');
  }, 60_000);
});
