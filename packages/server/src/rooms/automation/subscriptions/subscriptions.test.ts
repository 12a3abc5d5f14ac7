import { systemActor } from '@fairlead/kernel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aliasSet, modelCreated, versionTagged } from '../../registry/index.js';
import { type House, openHouse, openReceiver, type Receiver } from '../automation.fixture.js';
import type { SubscriptionRequest } from './subscription-types.js';

const context = { actor: { ...systemActor, id: 'ann' } };
const rain = { kind: 'model', id: 'rain' };

describe('a webhook subscription', () => {
  let house: House;
  let receiver: Receiver;
  beforeEach(async () => {
    house = await openHouse();
    receiver = await openReceiver();
  });
  afterEach(async () => {
    await receiver.close();
    await house.close();
  });
  const subscribe = (more: Partial<SubscriptionRequest> = {}) =>
    house.subscriptions.subscribe(context, {
      name: 'a',
      url: receiver.url,
      topics: ['alias.set'],
      secret: 's3cret',
      ...more,
    });
  const told = async (count: number) => {
    while (receiver.received.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    return receiver.received.map(({ body }) => JSON.parse(body) as { topic: string; facts: Record<string, unknown> });
  };
  const alias = (version: number | null) => house.happen(aliasSet.of(rain, { model: 'rain', alias: 'best', version }));

  it('is told of its topics and of nothing else, each thing once', async () => {
    await subscribe({ topics: ['alias.set', 'version-tag.removed'] });
    await subscribe({ name: 'off', active: false });
    await alias(1);
    await alias(null);
    await house.happen(modelCreated.of(rain, { model: 'rain' }));
    const states = { before: { a: '1', b: '2' }, after: { b: '3' } };
    await house.happen(versionTagged.of(rain, { model: 'rain', version: 2 }, states));
    const notices = await told(2);
    expect(notices.map(({ topic, facts }) => [topic, facts])).toEqual([
      ['alias.set', { model: 'rain', alias: 'best', version: 1 }],
      ['version-tag.removed', { model: 'rain', version: 2, key: 'a' }],
    ]);
    expect(receiver.received[0]?.headers.secret).toBe('s3cret');
  });

  it('is told again under the same id until the receiver can take it', async () => {
    receiver.answers.push(503, 429);
    await subscribe();
    await alias(1);
    await told(3);
    expect(new Set(receiver.received.map(({ headers }) => headers.id)).size).toBe(1);
  });

  it('never shows its secret, can be changed, and ends', async () => {
    const made = await subscribe();
    expect(JSON.stringify([made, await house.subscriptions.subscriptions({ limit: 10 })])).not.toContain('s3cret');
    const changed = await house.subscriptions.changeSubscription(context, made.id, { active: false, name: 'b' });
    expect(changed).toMatchObject({ active: false, name: 'b', url: receiver.url });
    await house.subscriptions.unsubscribe(context, made.id);
    await expect(house.subscriptions.subscription(made.id)).rejects.toMatchObject({
      code: 'AUTO_SUBSCRIPTION_NOT_FOUND',
    });
    for (const wrong of [
      { url: 'ftp://x/y' },
      { url: 'no' },
      { url: 'https://a:b@x/' },
      { topics: [] },
      { name: '-' },
    ]) {
      await expect(subscribe(wrong)).rejects.toMatchObject({ code: 'AUTO_SUBSCRIPTION_INVALID' });
    }
  });

  it('is kept so that the database alone does not have the secret, and says so when it cannot be opened', async () => {
    const { id } = await subscribe();
    const rows = () => house.db.run<Record<string, string>>('select * from automation_subscription', []);
    expect(JSON.stringify(await rows())).not.toContain('s3cret');
    const before = (await rows())[0]?.secret;
    await house.subscriptions.changeSubscription(context, id, { description: 'other' });
    expect((await rows())[0]?.secret).toBe(before);
    await house.subscriptions.changeSubscription(context, id, { secret: 'n3w' });
    await alias(1);
    await told(1);
    expect(receiver.received[0]?.headers.secret).toBe('n3w');
    await house.db.transact(context, (tx) => tx.run(`update automation_subscription set secret = 'bm90IG91cnM='`, []));
    await expect(house.subscriptions.testSubscription(id)).rejects.toMatchObject({ code: 'AUTO_SECRET_UNREADABLE' });
    expect(receiver.received).toHaveLength(1);
  });

  it('can be tried out', async () => {
    const { id } = await subscribe();
    receiver.answers.push(418);
    expect(await house.subscriptions.testSubscription(id)).toMatchObject({ success: false, status: 418 });
    expect(await house.subscriptions.testSubscription(id, 'model.created')).toMatchObject({
      success: true,
      status: 204,
    });
    expect((await told(2)).map(({ topic }) => topic)).toEqual(['alias.set', 'model.created']);
    const gone = await house.subscriptions.changeSubscription(context, id, { url: 'http://127.0.0.1:1/' });
    expect(await house.subscriptions.testSubscription(gone.id)).toMatchObject({ success: false, status: null });
  });

  it('is listed page by page, newest first', async () => {
    for (const name of ['a', 'b', 'c']) await subscribe({ name });
    const first = await house.subscriptions.subscriptions({ limit: 2 });
    const rest = await house.subscriptions.subscriptions({ limit: 2, pageToken: first.nextPageToken ?? '' });
    expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(['c', 'b', 'a']);
    expect(rest.nextPageToken).toBeNull();
  });
});
