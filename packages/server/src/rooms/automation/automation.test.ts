import { createHmac } from 'node:crypto';
import { automationActor, systemActor } from '@fairlead/kernel';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger } from '../../platform/db/index.js';
import { type House, openHouse, openReceiver, type Receiver } from './automation.fixture.js';
import type { ActionSpec, RuleSpec } from './index.js';

const context = { actor: { ...systemActor, id: 'mel' } };
const alert = (kind: string, id = 'a1') => ({
  type: 'monitoring.alert-opened',
  subject: { kind: 'alert', id },
  payload: { alertId: id, kind, endpoint: 'rain', title: 'Drift of 3 columns', evidence: 'mean 14.2 → 21.9' },
});

describe('automation', () => {
  let house: House;
  let receiver: Receiver;
  beforeAll(async () => {
    house = await openHouse();
    receiver = await openReceiver();
  });
  afterAll(async () => {
    await house.close();
    await receiver.close();
  });

  let serial = 0;
  /** A rule on a kind of alert of its own, so that tests do not meet. */
  async function declare(action: ActionSpec, change: Partial<RuleSpec> = {}) {
    serial += 1;
    const [name, kind] = [`rule-${serial}`, `kind-${serial}`];
    const spec: RuleSpec = {
      on: 'monitoring.alert-opened',
      where: { 'payload.kind': kind },
      actions: [action],
      coolDownMs: 0,
      maxPerDay: 10,
      dryRun: false,
      enabled: true,
      ...change,
    };
    await house.automation.declare(context, name, spec);
    const states = async () => (await house.automation.runs({ rule: name, limit: 50 })).map((run) => run.state);
    return { name, kind, spec, states };
  }

  it('declares a rule once and says when nothing changed', async () => {
    const { name, spec } = await declare({ kind: 'retrain', pipeline: 'p' });
    expect(await house.automation.declare(context, name, spec)).toMatchObject({ changed: false });
    expect(await house.automation.declare(context, name, { ...spec, maxPerDay: 1 })).toMatchObject({ changed: true });
    const events = await readLedger(house.db, { afterSeq: 0, limit: 99, types: ['automation.rule-declared'] });
    const own = events.filter((event) => event.subject.id === name);
    expect(own).toHaveLength(2);
    expect(own[1]).toMatchObject({ before: { maxPerDay: 10 }, after: { maxPerDay: 1 }, actor: { id: 'mel' } });
    await expect(house.automation.declare(context, 'x', { ...spec, on: 'x' })).rejects.toMatchObject({
      code: 'AUTO_RULE_INVALID',
    });
    await expect(house.automation.rule('none')).rejects.toMatchObject({ code: 'AUTO_RULE_NOT_FOUND' });
  });

  it('retrains as itself, once per event, however often the event is looked at', async () => {
    const { name, kind } = await declare({ kind: 'retrain', pipeline: 'rain', params: { city: 'both' } });
    const seq = await house.happen(alert(kind));
    await house.dispatcher.drain();
    await house.settle();
    const [run, ...more] = await house.automation.runs({ rule: name, limit: 10 });
    expect(more).toEqual([]);
    expect(run).toMatchObject({ state: 'succeeded', eventSeq: seq, result: { kind: 'pipeline-run' } });
    const started = house.started.filter((start) => start.run.trigger.ref === run?.id);
    expect(started).toHaveLength(1);
    expect(started[0]?.actor).toEqual(automationActor(name));
    expect(started[0]?.run).toMatchObject({ pipeline: 'rain', params: { city: 'both' } });
    const types = (await readLedger(house.db, { afterSeq: seq, limit: 99 }))
      .filter((event) => event.subject.id === run?.id)
      .map((event) => event.type);
    expect(types).toEqual(['automation.action-decided', 'automation.action-finished']);
  });

  it('holds back in the cool-down, at the limit of the day and for its own doing, and acts again later', async () => {
    const { name, kind, states } = await declare(
      { kind: 'roll-back', endpoint: 'guarded' },
      { coolDownMs: 60_000, maxPerDay: 2 },
    );
    const turn = async (afterMs: number, actor = systemActor) => {
      house.clock.advance(afterMs);
      await house.happen(alert(kind), actor);
      await house.settle();
      return (await house.automation.runs({ rule: name, limit: 1 }))[0];
    };
    expect(await turn(0)).toMatchObject({ state: 'succeeded', result: { kind: 'release' } });
    expect(await turn(59_999)).toMatchObject({ state: 'suppressed' });
    expect(await turn(1)).toMatchObject({ state: 'succeeded' });
    expect((await turn(60_000))?.detail).toContain('the limit is 2');
    expect((await turn(86_400_000, automationActor(name)))?.detail).toContain('caused by this rule itself');
    expect(await turn(0)).toMatchObject({ state: 'succeeded' });
    expect(await states()).toHaveLength(6);
    const mine = house.rollBacks.filter((back) => back.endpoint === 'guarded');
    expect(mine).toHaveLength(3);
    expect(mine[0]?.reason).toContain(`rule '${name}' met monitoring.alert-opened`);
  });

  it('acts once in a storm of alerts and keeps why it held back from the others', async () => {
    const { name, kind } = await declare({ kind: 'retrain', pipeline: 'storm' }, { coolDownMs: 60_000 });
    for (let i = 0; i < 300; i += 1) await house.happen(alert(kind, `s${i}`));
    await house.settle();
    expect(house.started.filter(({ run }) => run.pipeline === 'storm')).toHaveLength(1);
    const runs = await house.automation.runs({ rule: name, limit: 1_000 });
    const count = (state: string) => runs.filter((run) => run.state === state).length;
    expect([runs.length, count('succeeded'), count('suppressed')]).toEqual([300, 1, 299]);
  });

  it('leaves alone what does not match, what came before the rule, and what a disabled rule would do', async () => {
    const early = alert(`kind-${serial + 1}`);
    await house.happen(early);
    house.clock.advance(1_000);
    const { name, kind, spec, states } = await declare({ kind: 'retrain', pipeline: 'alone' });
    await house.dispatcher.drain();
    await house.happen(alert('something-else'));
    expect(await states()).toEqual([]);
    await house.automation.declare(context, name, { ...spec, enabled: false });
    await house.happen(alert(kind));
    await house.automation.declare(context, name, { ...spec, dryRun: true });
    await house.happen(alert(kind));
    await house.settle();
    expect(await states()).toEqual(['dry-run', 'suppressed']);
    expect(house.started.filter(({ run }) => run.pipeline === 'alone')).toEqual([]);
  });

  it('does not start a pipeline that automation has running already', async () => {
    const { states, kind } = await declare({ kind: 'retrain', pipeline: 'busy' });
    await house.happen(alert(kind));
    await house.settle();
    await house.happen(alert(kind));
    await house.settle();
    expect(await states()).toEqual(['suppressed', 'succeeded']);
  });

  it('says after the last try that an action failed', async () => {
    const { name, kind } = await declare({ kind: 'retrain', pipeline: 'broken' });
    await house.happen(alert(kind));
    await house.settle();
    const [run] = await house.automation.runs({ rule: name, limit: 1 });
    expect(run).toMatchObject({ state: 'failed', detail: 'the pipelines are down', result: null });
    const [job] = await house.jobs.list({ kind: 'automation.act', limit: 1 });
    expect(job).toMatchObject({ state: 'succeeded', failures: 2 });
  });

  it('posts a signed webhook with the evidence, again after a fault, under the same id', async () => {
    receiver.answers.push(503);
    const { name, kind } = await declare({ kind: 'notify', url: receiver.url, secretEnv: 'HOOK_SECRET' });
    await house.happen(alert(kind, 'a-9'));
    await house.settle();
    const [run] = await house.automation.runs({ rule: name, limit: 1 });
    expect(run).toMatchObject({ state: 'succeeded', detail: 'the receiver answered with status 204' });
    expect(receiver.received).toHaveLength(2);
    const { headers, body } = receiver.received[1] ?? { headers: {}, body: '' };
    expect(headers).toMatchObject({ 'webhook-id': run?.id, 'content-type': 'application/json' });
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`);
    expect(JSON.parse(body)).toMatchObject({
      type: 'monitoring.alert-opened',
      data: {
        rule: name,
        event: { payload: { evidence: 'mean 14.2 → 21.9' } },
        links: { alert: 'http://127.0.0.1:4600/api/v1/alerts/a-9' },
      },
    });
  });

  it('sends nothing unsigned when the secret is missing, and does not insist where it is refused', async () => {
    const before = receiver.received.length;
    const missing = await declare({ kind: 'notify', url: receiver.url, secretEnv: 'NO_SUCH_SECRET' });
    await house.happen(alert(missing.kind));
    await house.settle();
    expect((await house.automation.runs({ rule: missing.name, limit: 1 }))[0]?.detail).toContain('AUTO_SECRET_MISSING');
    expect(receiver.received).toHaveLength(before);
    const refused = await declare({ kind: 'notify', url: receiver.url });
    receiver.answers.push(302);
    await house.happen(alert(refused.kind));
    await house.settle();
    const [run] = await house.automation.runs({ rule: refused.name, limit: 1 });
    expect(run).toMatchObject({ state: 'failed' });
    expect(run?.detail).toContain('answered with status 302');
    expect(receiver.received).toHaveLength(before + 1);
    expect(receiver.received.at(-1)?.headers['webhook-signature']).toBeUndefined();
  });

  it('rehearses a rule on an event of the past and leaves no trace', async () => {
    const { name, kind, states } = await declare({ kind: 'retrain', pipeline: 'again' }, { enabled: false });
    const seq = await house.happen(alert(kind));
    const other = await house.happen(alert('something-else'));
    const before = await states();
    const [would] = await house.automation.rehearse(name, seq);
    expect(would).toMatchObject({ state: 'dry-run', detail: "would run the pipeline 'again'" });
    const [not] = await house.automation.rehearse(name, other);
    expect(not?.detail).toContain('the rule is not concerned: payload.kind is "something-else"');
    expect(await states()).toEqual(before);
    await expect(house.automation.rehearse(name, 99_999)).rejects.toMatchObject({ code: 'AUTO_EVENT_NOT_FOUND' });
  });

  it('ends an action whose job was cancelled', async () => {
    await house.jobs.stop({ graceMs: 1_000 });
    const { name, kind } = await declare({ kind: 'retrain', pipeline: 'cancelled' });
    await house.happen(alert(kind));
    const [job] = await house.jobs.list({ kind: 'automation.act', state: 'queued' });
    await house.db.transact(context, (tx) => house.jobs.cancel(tx, job?.id ?? ''));
    await house.dispatcher.drain();
    await house.jobs.start();
    const [run] = await house.automation.runs({ rule: name, limit: 1 });
    expect(run).toMatchObject({ state: 'failed', detail: 'its job was cancelled' });
  });
});
