import type { Release } from './release-types.js';

/**
 * The release that a rollback goes to, of an endpoint's releases newest first: one that once served everything, the
 * newest that was not rolled back itself, or the one asked for. Undefined: there is none.
 */
export function rollBackTarget(
  past: readonly Release[],
  { live, toVersion }: { live: number | undefined; toVersion?: number | undefined },
): Release | undefined {
  return past.find((release) => {
    if (release.version === live || release.releasedAtMs === null) return false;
    return toVersion === undefined ? release.state === 'released' : release.version === toVersion;
  });
}

/** Whether an approval still lets its release's model serve; `holds`: it is younger than the policy allows. */
export function stillApproved(release: Pick<Release, 'state' | 'releasedAtMs' | 'armOf'>, holds: boolean): boolean {
  // Who takes part in a bandit is on its way out, as its candidate is: the approval was young enough when it began.
  if (release.state === 'approved') return holds || release.armOf != null;
  if (release.state === 'rolling-out' || release.state === 'released') return true;
  // A version that served everything once may be gone back to.
  return release.state === 'rolled-back' && release.releasedAtMs !== null;
}
