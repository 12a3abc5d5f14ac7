import type { Table } from '@fairlead/frame';
import type { Verdict } from '@fairlead/kernel';
import { bootstrapMeans, createRng, pairedBootstrap } from '@fairlead/num';
import type { ModelVersion } from '../../registry/index.js';
import { stableOf } from '../stable-version.js';
import { MIN_ROWS } from './beats-baseline-gate.js';
import { defineGate, insufficient, NOT_EVALUATED, rounded } from './define-gate.js';
import type { GateRoom } from './gate-room.js';
import type { GateSpecOf, RowLoss } from './gate-types.js';

/** Above zero the candidate is better than the live version, on the same rows. */
export interface LiveComparison {
  readonly liveVersion: number;
  readonly rows: number;
  /** What the gain is, in words. */
  readonly name: string;
  readonly gain: {
    readonly estimate: number;
    readonly lower: number;
    readonly upper: number;
    readonly confidence: number;
  };
}

type Found = LiveComparison | 'nothing-live' | 'unmeasured';

// Any constant: the same rows must give the same interval.
const SEED = 20_260_101;
const RESAMPLES = 1_000;
const TITLE = 'Against the live version';

export const liveComparisonGate = defineGate<GateSpecOf<'not-worse-than-live'>, Found>({
  kind: 'not-worse-than-live',
  version: 2,
  measure: compareWithLive,
  judge: ({ margin, loss = 'squared' }, found) => {
    const required = `not worse than the live version by more than ${margin} of Brier score, or of the ${loss} error of numbers as a share of its own`;
    if (found === 'unmeasured') return insufficient(TITLE, required, NOT_EVALUATED);
    if (found === 'nothing-live') {
      return { title: TITLE, verdict: 'pass', observed: 'nothing is live yet', required, evidence: {} };
    }
    const { gain, rows, liveVersion, name } = found;
    const verdict: Verdict =
      rows < MIN_ROWS || !Number.isFinite(gain.estimate)
        ? 'insufficient'
        : gain.upper < -margin
          ? 'fail'
          : gain.estimate < -margin
            ? 'insufficient'
            : 'pass';
    return {
      title: TITLE,
      verdict,
      observed: `${name} ${rounded(gain.estimate)} over version ${liveVersion}, interval ${rounded(gain.lower)} to ${rounded(gain.upper)} on ${rows} rows`,
      required,
      interval: gain,
      evidence: { liveVersion, rows },
    };
  },
});

async function compareWithLive(
  room: GateRoom,
  { loss = 'squared' }: GateSpecOf<'not-worse-than-live'>,
): Promise<Found> {
  const { deps, version, deployment, environment } = room;
  const stable = stableOf(await deps.serving.routing(deployment.endpoint, environment));
  if (stable === undefined) return 'nothing-live';
  const rows = await room.rows();
  if (rows === null) return 'unmeasured';
  const live = await deps.registry.version(version.model, stable.version);
  const common = { liveVersion: live.version, rows: rows.rowCount };
  const options = {
    rng: createRng(SEED),
    resamples: RESAMPLES,
    blockLength: Math.max(1, Math.round(Math.cbrt(rows.rowCount))),
  };
  if (version.signature.task === 'regression') {
    const [own, theirs] = [
      await numberLosses(room, version, { rows, loss }),
      await numberLosses(room, live, { rows, loss }),
    ];
    const gain = bootstrapMeans(
      [own, theirs],
      ([mine = 0, other = 0]) => (other === 0 ? (mine === 0 ? 0 : Number.NaN) : 1 - mine / other),
      options,
    );
    return { ...common, name: `${loss === 'squared' ? 'MSE' : 'MAE'} skill`, gain };
  }
  const losses = async ({ digest, signature }: ModelVersion) =>
    (await deps.evaluation.score(digest, signature, rows)).losses;
  const [liveLoss, candidateLoss] = [await losses(live), await losses(version)];
  return { ...common, name: 'Brier gain', gain: pairedBootstrap(liveLoss, candidateLoss, options) };
}

async function numberLosses(
  { deps }: GateRoom,
  { digest, signature }: ModelVersion,
  { rows, loss }: { rows: Table; loss: RowLoss },
): Promise<Float64Array> {
  const scored = await deps.evaluation.scoreNumbers(digest, signature, rows);
  return loss === 'squared' ? scored.squaredErrors : scored.absoluteErrors;
}
