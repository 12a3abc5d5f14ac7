import type { Actor } from '@fairlead/kernel';
import type { Identity } from './identity-types.js';

export interface RememberedActors extends Pick<Identity, 'identify'> {
  /** From now on everybody is asked for anew. */
  forget(): void;
}

/** How long a verdict holds of which nobody says that it has changed: an expired token may be taken for so much longer. */
const HOLDS_MS = 1_000;
const MAX_REMEMBERED = 10_000;

/**
 * Who asks, by the word of another process that is asked once a second for each credential. Refusals are not remembered.
 *
 * @param identify asks the other process
 */
export function rememberActors(identify: Identity['identify'], nowMs: () => number): RememberedActors {
  let known = new Map<string, { readonly actor: Promise<Actor>; readonly untilMs: number }>();
  return {
    identify: (authorization = '') => {
      const now = nowMs();
      const present = known.get(authorization);
      if (present !== undefined && now < present.untilMs) return present.actor;
      const actor = identify(authorization === '' ? undefined : authorization);
      const here = known;
      if (here.size >= MAX_REMEMBERED) here.clear();
      here.set(authorization, { actor, untilMs: now + HOLDS_MS });
      actor.catch(() => here.delete(authorization));
      return actor;
    },
    forget: () => {
      known = new Map();
    },
  };
}
