import { parseDurationMs } from '@fairlead/kernel';
import type { PolicyContent, ReleasePolicy, RolloutSpec } from './release-types.js';

type Raw = Readonly<Record<string, unknown>>;
type Parts = Partial<PolicyContent>;

/** The parts of a release policy as people write them, checked against its schema before: times in milliseconds, defaults filled in. */
export function readPolicyParts({ gates, approval, rollout, waivers, rollbackWindow }: Raw): Parts {
  return {
    ...(gates !== undefined && { gates: (gates as readonly Raw[]).map(toGate) }),
    ...(approval !== undefined && { approval: toApproval(approval as Raw) }),
    ...(rollout !== undefined && { rollout: toRollout(rollout as Raw) }),
    ...(waivers !== undefined && { waivers: toWaivers(waivers as Raw) }),
    ...(rollbackWindow !== undefined && { rollbackWindowMs: parseDurationMs(rollbackWindow as string) }),
  };
}

function toApproval({ required, excludeAuthor = true, expiresAfter = '7d' }: Raw): ReleasePolicy['approval'] {
  const expiresAfterHours = parseDurationMs(expiresAfter as string) / 3_600_000;
  return { required, excludeAuthor, expiresAfterHours } as ReleasePolicy['approval'];
}

function toWaivers({ roles, longest = '30d', never = [] }: Raw): NonNullable<ReleasePolicy['waivers']> {
  const maxHours = parseDurationMs(longest as string) / 3_600_000;
  return { roles, maxHours, never } as NonNullable<ReleasePolicy['waivers']>;
}

function toGate({ timeout, ...gate }: Raw): ReleasePolicy['gates'][number] {
  const timeoutMs = timeout === undefined ? {} : { timeoutMs: parseDurationMs(timeout as string) };
  return { ...gate, ...timeoutMs } as unknown as ReleasePolicy['gates'][number];
}

/** What a rollout is unless the file says otherwise. */
function toRollout({ maxWait = '1d', hold = '10m', redraw = '1m', ...rest }: Raw): RolloutSpec {
  const durationMs = (value: unknown) => parseDurationMs(value as string);
  const wait = { maxWaitMs: durationMs(maxWait), onMaxWait: 'hold' };
  const usual: Readonly<Record<string, object>> = {
    canary: { advance: 'auto', ...wait },
    'blue-green': { holdMs: durationMs(hold), minRequests: 1, ...wait },
    'ab-test': { weight: 0.5, alpha: 0.05, power: 0.8, onNoDifference: 'hold', ...wait },
    bandit: {
      ...{
        algorithm: 'thompson',
        epsilon: 0.1,
        floor: 0.05,
        redrawMs: durationMs(redraw),
        endAt: 0.99,
        minRewards: 100,
      },
      ...wait,
    },
  };
  return { ...usual[String(rest.kind)], ...rest } as RolloutSpec;
}
