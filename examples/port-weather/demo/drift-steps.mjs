// @ts-check
// 5–6: another city arrives, drift is found, the model is trained on both, a canary brings it in; the reports.
import { finishedRun, signBoth } from './build-steps.mjs';
import { liveDays } from './live-steps.mjs';
import { must } from './story.mjs';
import { daysOf, toRequestRow } from './weather.mjs';

/**
 * @typedef {import('./build-steps.mjs').Client} Client
 * @typedef {import('./build-steps.mjs').People} People
 * @param {import('./story.mjs').Story} story @param {Client} client @param {People} people
 */
export async function driftSteps(story, client, people) {
  story.chapter('5  Drift');
  const before = await client.endpoints.routing('rain');
  const alert = await story.step('New York’s days arrive', () => newYork(client, people.dana));
  const release = await story.step('The rule trains it again', () => retrained(client, alert.id));
  await signBoth(story, release.id, people);
  await story.step('Canary 20 % → 100 %', () => canary(client, release.id));
  await story.step('The new version is watched', async () => {
    const report = await client.monitors.check('rain');
    const { columns, judged } = report.drifted;
    return {
      value: null,
      say: `${report.windowRows} rows of both cities: ${report.driftVerdict}, ${columns} of ${judged} columns`,
      facts: { verdict: report.driftVerdict, columns, judged },
    };
  });
  await story.step('The old version is kept', () =>
    rollBackAndForth(client, release.version, before.entries[0]?.version ?? 0),
  );

  story.chapter('6  Records');
  await story.step('Report of the live version', async () => {
    const { digest, sizeBytes } = await client.models.storeReport('rain', release.version);
    return {
      value: null,
      say: `one HTML file of ${Math.round(sizeBytes / 1024)} kB (${digest.slice(0, 12)})`,
      facts: { digest },
    };
  });
  await story.step('Audit log', async () => {
    const verification = await client.audit.verify();
    must(verification.verdict === 'intact', 'the audit log is broken');
    return {
      value: null,
      say: `${verification.entries} entries, chain intact (${verification.headHash.slice(0, 12)})`,
      facts: verification,
    };
  });
  await story.step('Lineage', async () => {
    const up = await client.lineage.walk('model-version', `rain/${release.version}`, { direction: 'up' });
    const kinds = [...new Set(up.nodes.map((node) => node.kind))];
    must(kinds.includes('dataset-version') && kinds.includes('source'), `lineage ends at ${kinds.join(', ')}`);
    return { value: null, say: `from the model back through ${kinds.join(' ← ')}`, facts: { nodes: up.nodes.length } };
  });
}

/** @param {Client} client @param {Client} dana */
async function newYork(client, dana) {
  const days = daysOf('New York', '2015-01-01', '2015-05-01');
  const { right, scored } = await liveDays(client, dana, days);
  const alert = await eventually('a drift alert', async () => {
    const { items } = await client.alerts.list({ endpoint: 'rain' });
    return items.find((candidate) => candidate.kind === 'drift');
  });
  return {
    value: alert,
    say: `accuracy ${(right / scored).toFixed(3)} on ${scored} days; alert: ${alert.evidence}`,
    facts: { accuracy: right / scored, evidence: alert.evidence, alertId: alert.id },
  };
}

/** @param {Client} client @param {string} alertId */
async function retrained(client, alertId) {
  const action = await eventually('the retraining', async () => {
    const { items } = await client.rules.runs({ rule: 'retrain-on-drift' });
    return items.find((candidate) => candidate.result?.kind === 'pipeline-run');
  });
  const { run, release } = await finishedRun(client, action.result?.id ?? '');
  const failed = release.gates.filter((gate) => gate.verdict !== 'pass');
  must(
    release.state === 'awaiting-approval',
    `gates: ${failed.map((gate) => `${gate.title}: ${gate.observed}`).join('; ')}`,
  );
  const against = release.gates.find((gate) => gate.kind === 'not-worse-than-live');
  return {
    value: release,
    say: `version ${release.version} on both cities passes ${release.gates.length} gates; ${against?.observed}`,
    facts: { version: release.version, trigger: run.trigger, alertId, interval: against?.interval },
  };
}

/** @param {Client} client @param {string} id */
async function canary(client, id) {
  const started = await client.releases.rollOut(id);
  must(started.state === 'rolling-out' && started.rollout?.weight === 0.2, `the canary began as ${started.state}`);
  // Both ports send their days now, side by side.
  const cities = ['New York', 'Seattle'].map((city) => daysOf(city, '2015-05-01', '2015-12-31'));
  const days = (cities[0] ?? []).flatMap((day, i) => [day, ...(cities[1]?.slice(i, i + 1) ?? [])]);
  const served = new Map();
  for (const day of days) {
    const { version } = await client.endpoints.predict('rain', {
      rows: [toRequestRow(day)],
      routeKey: `${day.location}/${day.date}`,
    });
    served.set(version, (served.get(version) ?? 0) + 1);
  }
  const done = await client.releases.wait(id, ['released', 'rolled-back'], { timeoutMs: 30_000 });
  must(done.state === 'released', `the canary ended as ${done.state}: ${done.waitingFor}`);
  const shares = [...served].map(([version, count]) => `version ${version}: ${count}`);
  const rails = done.rollout?.guardrails.map((rail) => `${rail.title} ${rail.observed}`) ?? [];
  return {
    value: null,
    say: `${shares.join(', ')} requests; ${rails.join(', ')}; now all traffic`,
    facts: { served: Object.fromEntries(served), guardrails: done.rollout?.guardrails },
  };
}

/** Goes back in one switch, looks, and goes forward again. @param {Client} client @param {number} now @param {number} old */
async function rollBackAndForth(client, now, old) {
  await client.releases.rollBack('rain', { reason: 'showing that it works' });
  const back = await client.endpoints.routing('rain');
  must(back.entries[0]?.version === old, `rolled back to ${back.entries[0]?.version}, expected ${old}`);
  await client.releases.rollBack('rain', { toVersion: now, reason: 'and forward again' });
  const forth = await client.endpoints.routing('rain');
  must(forth.entries[0]?.version === now, `version ${forth.entries[0]?.version} is live, expected ${now}`);
  return {
    value: null,
    say: `back to version ${old} and forth to ${now}, one switch each`,
    facts: { old, now, switches: forth.revision },
  };
}

/**
 * Looks again until something is there.
 * @template T @param {string} what @param {() => Promise<T | undefined>} look @returns {Promise<T>}
 */
async function eventually(what, look) {
  const until = performance.now() + 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    must(performance.now() < until, `${what} did not come within a minute`);
    await new Promise((done) => setTimeout(done, 100));
  }
}
