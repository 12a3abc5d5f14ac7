// @ts-check
// 1–3: data, candidates, gates, signatures, production.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createClient } from '@fairlead/sdk';
import { parse } from 'yaml';
import { must } from './story.mjs';
import { damagedDelivery } from './weather.mjs';

const folder = fileURLToPath(new URL('..', import.meta.url));
const number = (/** @type {number} */ value, digits = 3) => value.toFixed(digits);

/**
 * @typedef {import('@fairlead/sdk').FairleadClient} Client
 * @typedef {Record<'dana' | 'quinn' | 'olivia', Client>} People
 * @param {import('./story.mjs').Story} story
 * @param {Client} client
 * @returns {Promise<People>}
 */
export async function buildSteps(story, client) {
  story.chapter('1  Data');
  await story.step('Project applied', async () => {
    const project = parse(readFileSync(`${folder}/fairlead.yaml`, 'utf8'));
    const { changes } = await client.projects.apply({ folder, project });
    return {
      value: null,
      say: `${changes.length} things declared in fairlead.yaml`,
      facts: { declared: changes.length },
    };
  });
  const people = await story.step('Two people may sign', () => addPeople(client));
  await ingest(story, client);

  story.chapter('2  Candidates');
  const weak = await story.step('A weak candidate is refused', () => weakCandidate(people.dana));
  const candidate = await train(story, people.dana);
  must(weak.version !== candidate.version, 'the weak and the good candidate are one version');

  story.chapter('3  Release');
  await releaseFirst(story, client, people, candidate);
  return people;
}

/** @param {Client} client */
async function addPeople(client) {
  const roles = /** @type {const} */ ({
    dana: ['data-scientist', 'qa'],
    quinn: ['qa'],
    olivia: ['product-owner'],
  });
  const entries = [];
  for (const [name, held] of Object.entries(roles)) {
    await client.people.add({ name, roles: held });
    const { token } = await client.people.issueToken(name, { label: 'demonstration', expiresInDays: 1 });
    entries.push([name, createClient({ url: client.url, token })]);
  }
  return {
    value: /** @type {People} */ (Object.fromEntries(entries)),
    say: 'dana (data-scientist, qa) asks; quinn (qa) and olivia (product-owner) sign',
  };
}

/** @param {import('./story.mjs').Story} story @param {Client} client */
async function ingest(story, client) {
  await story.step('Seattle 2012–2014 ingested', async () => {
    const where = "location = 'Seattle' AND date < '2015-01-01'";
    const { delivery, version } = await client.datasets.ingest('weather', { source: { where } });
    must(
      delivery.outcome === 'accepted' && version?.rows === 1096,
      `expected 1096 accepted rows, got ${version?.rows}`,
    );
    return {
      value: null,
      say: `${delivery.acceptedRows} rows accepted, ${delivery.rejectedRows} rejected; version ${version.number} (${version.id.slice(0, 12)})`,
      facts: { rows: version.rows, rejected: delivery.rejectedRows, versionId: version.id },
    };
  });
  await story.step('The same bytes again', async () => {
    const where = "location = 'Seattle' AND date < '2015-01-01'";
    const { delivery, version } = await client.datasets.ingest('weather', { source: { where } });
    must(delivery.outcome === 'unchanged' && version?.number === 1, 'the same bytes made another version');
    return { value: null, say: `unchanged: still version ${version.number}`, facts: { outcome: delivery.outcome } };
  });
  await story.step('A damaged delivery is refused', async () => {
    const { csv, damaged } = damagedDelivery();
    const { digest } = await client.datasets.upload('weather', { body: csv, contentType: 'text/csv' });
    const { delivery, version } = await client.datasets.ingest('weather', { source: { path: `object:${digest}` } });
    must(delivery.outcome === 'refused' && version === null, 'the damaged delivery became a version');
    must(delivery.faultyRows === damaged, `${damaged} rows were damaged, ${delivery.faultyRows} found faulty`);
    // The sound rows of a refused delivery stand in quarantine too, under a reason of their own.
    const { DELIVERY_REFUSED: _sound, ...faults } = delivery.reasons;
    const reasons = Object.entries(faults).map(([code, rows]) => `${rows} ${code}`);
    return {
      value: null,
      say: `${delivery.faultyRows} of ${delivery.receivedRows} rows are faulty (${reasons.join(', ')}); all wait in quarantine`,
      facts: {
        outcome: delivery.outcome,
        faulty: delivery.faultyRows,
        reasons: delivery.reasons,
        deliveryId: delivery.id,
      },
    };
  });
}

/** @param {Client} dana */
async function weakCandidate(dana) {
  const { release } = await runPipeline(dana, 'wind-only', {});
  must(release.state === 'gates-failed', `the gates let a model of wind alone through (${release.state})`);
  const skill = release.gates.find((gate) => gate.kind === 'beats-baseline');
  return {
    value: release,
    say: `version ${release.version} (wind only): ${skill?.observed}; required: ${skill?.required}`,
    facts: { version: release.version, state: release.state, interval: skill?.interval },
  };
}

/** @param {import('./story.mjs').Story} story @param {Client} dana */
async function train(story, dana) {
  return story.step('Candidates trained and tested', async () => {
    const { run, release } = await runPipeline(dana, 'rain', {});
    const trained = run.steps.find((step) => step.name === 'train');
    const { best, params, trials, score } = /** @type {any} */ (trained?.summary ?? {});
    const skill = release.gates.find((gate) => gate.kind === 'beats-baseline');
    return {
      value: release,
      say: `${trials} trials, best ${best} ${JSON.stringify(params)} (Brier ${number(score)}); ${skill?.observed}`,
      facts: { trials, best, params, score, interval: skill?.interval, version: release.version },
    };
  });
}

/**
 * Starts a pipeline, waits, and gives its run and the release it asked for.
 * @param {Client} client @param {string} pipeline @param {Record<string, string>} params
 */
async function runPipeline(client, pipeline, params) {
  const started = await client.pipelines.run(pipeline, { params });
  return finishedRun(client, started.id);
}

/** @param {Client} client @param {string} runId */
export async function finishedRun(client, runId) {
  const run = await client.pipelineRuns.wait(runId, { timeoutMs: 120_000 });
  const broken = run.steps.find((step) => step.state === 'failed');
  must(run.state === 'succeeded', `${run.pipeline} ${run.state}: ${broken?.name}: ${broken?.error?.message ?? ''}`);
  const id = run.steps.find((step) => step.name === 'release')?.outputs.release?.id ?? '';
  return { run, release: await client.releases.get(id) };
}

/**
 * @param {import('./story.mjs').Story} story @param {Client} client @param {People} people
 * @param {Awaited<ReturnType<Client['releases']['get']>>} release
 */
async function releaseFirst(story, client, { dana, quinn, olivia }, release) {
  await story.step('Gates in test', async () => {
    const failed = release.gates.filter((gate) => gate.verdict !== 'pass');
    must(
      release.state === 'awaiting-approval',
      `gates: ${failed.map((gate) => `${gate.title}: ${gate.observed}`).join('; ')}`,
    );
    const load = release.gates.find((gate) => gate.kind === 'load-trial');
    return {
      value: null,
      say: `${release.gates.length} of ${release.gates.length} pass; ${load?.observed}`,
      facts: { gates: release.gates.map(({ kind, verdict, observed }) => ({ kind, verdict, observed })) },
    };
  });
  await story.step('The author may not sign', async () => {
    const refused = await dana.releases
      .sign(release.id, { meaning: 'approved', role: 'qa', comment: 'looks fine to me' })
      .then(
        () => null,
        (error) => error,
      );
    must(refused?.code === 'REL_SELF_APPROVAL', `the author's own signature: ${refused?.code ?? 'accepted'}`);
    return { value: null, say: `${refused.code}: ${refused.message}`, facts: { code: refused.code } };
  });
  await signBoth(story, release.id, { quinn, olivia });
  await story.step('Released to production', async () => {
    const live = await client.releases.rollOut(release.id);
    must(live.state === 'released', `the release is ${live.state}: ${live.waitingFor}`);
    return {
      value: null,
      say: `rain ${live.version} serves all traffic (digest ${live.modelDigest.slice(0, 12)})`,
      facts: { version: live.version, digest: live.modelDigest },
    };
  });
}

/** @param {import('./story.mjs').Story} story @param {string} id @param {Pick<People, 'quinn' | 'olivia'>} people */
export async function signBoth(story, id, { quinn, olivia }) {
  await story.step('Signed by two roles', async () => {
    await quinn.releases.sign(id, { meaning: 'approved', role: 'qa', comment: 'gates read, slices looked at' });
    const done = await olivia.releases.sign(id, { meaning: 'approved', role: 'product-owner', comment: 'go' });
    must(done.state === 'approved', `after two signatures the release is ${done.state}`);
    const names = done.signatures.map((signature) => `${signature.person} as ${signature.role}`);
    return { value: null, say: `${names.join(', ')} over ${done.signatures[0]?.over.slice(0, 12)}`, facts: { names } };
  });
}
