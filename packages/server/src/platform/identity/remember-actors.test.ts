import type { Actor } from '@fairlead/kernel';
import { describe, expect, it } from 'vitest';
import { rememberActors } from './remember-actors.js';

const actor = (id: string): Actor => ({ kind: 'user', id, roles: ['viewer'], authenticated: true });

function open() {
  const world = { asked: 0, nowMs: 0, answer: async (): Promise<Actor> => actor('ada') };
  const actors = rememberActors(
    () => {
      world.asked += 1;
      return world.answer();
    },
    () => world.nowMs,
  );
  return { world, actors };
}

describe('remembered actors', () => {
  it('are asked for once a second per credential', async () => {
    const { world, actors } = open();
    for (let i = 0; i < 3; i += 1) expect(await actors.identify('Bearer a')).toEqual(actor('ada'));
    expect(world.asked).toBe(1);
    await actors.identify('Bearer b');
    await actors.identify(undefined);
    expect(world.asked).toBe(3);
    world.nowMs = 1_000;
    await actors.identify('Bearer a');
    expect(world.asked).toBe(4);
  });

  it('are forgotten when something changes, also the one that is being asked for', async () => {
    const { world, actors } = open();
    const before = actors.identify('Bearer a');
    actors.forget();
    world.answer = () => Promise.reject(new Error('revoked'));
    await before;
    await expect(actors.identify('Bearer a')).rejects.toThrow('revoked');
  });

  it('do not include refusals', async () => {
    const { world, actors } = open();
    world.answer = () => Promise.reject(new Error('unknown'));
    await expect(actors.identify('Bearer a')).rejects.toThrow('unknown');
    world.answer = async () => actor('ada');
    expect(await actors.identify('Bearer a')).toEqual(actor('ada'));
  });
});
