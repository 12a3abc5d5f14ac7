import { toWire } from '../compute/index.js';
import { Exchange, type Message } from './exchange.js';
import type { MemberNews, Membership, StopOrder } from './fleet-types.js';

/**
 * Makes this process a member of the fleet that has started it. `ask` asks the leader.
 *
 * @throws when it was not started by one
 */
export function joinFleet<S>(member: (ask: (request: unknown) => Promise<unknown>) => Membership<S>): void {
  if (process.send === undefined) throw new Error('this file is the entry of a serving process and runs nowhere else');
  // A key pressed in the terminal reaches the whole group: the leader decides when its members stop.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  // Asked to, or because the leader is gone: there is nobody to answer for.
  process.once('disconnect', () => process.exit(0));
  const pending = new Set<Promise<unknown>>();
  let isSetUp: Promise<void> = Promise.resolve();
  const exchange = new Exchange(
    (message) => void process.send?.(message, undefined, undefined, () => undefined),
    async (request) => {
      await isSetUp;
      if (isStop(request)) return membership.stop(request.timeoutMs);
      // Without a turn in between, so that changes apply in the order in which they came.
      const applied = Promise.resolve(membership.apply(request as never));
      pending.add(applied);
      return applied.finally(() => pending.delete(applied));
    },
  );
  const tell = (news: MemberNews) => exchange.ask(news);
  const membership = member((request) => exchange.ask(request));
  process.on('message', (message) => exchange.receive(message as Message));
  const start = async () => {
    const state = (await tell({ fleet: 'join' })) as S;
    isSetUp = membership.setUp(state);
    await isSetUp;
    await tell({ fleet: 'ready' });
    await Promise.allSettled(pending);
    await tell({ fleet: 'listening', addresses: await membership.listen() });
  };
  start().catch(async (error) => {
    await tell({ fleet: 'failed', error: toWire(error) });
    process.exit(1);
  });
}

const isStop = (request: unknown): request is StopOrder => (request as Partial<StopOrder>).fleet === 'stop';
