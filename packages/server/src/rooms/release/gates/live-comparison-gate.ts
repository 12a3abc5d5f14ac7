import { selectRows } from '@fairlead/frame';
import type { Verdict } from '@fairlead/kernel';
import { bootstrapMeans, createRng, pairedBootstrap } from '@fairlead/num';
import { answerLosses } from '../../evaluation/index.js';
import { rounded } from '../measure-words.js';
import { stableOf } from '../stable-version.js';
import { askBeside } from './ask-beside.js';
import { MIN_ROWS } from './beats-baseline-gate.js';
import { defineGate, withoutReport } from './define-gate.js';
import { pickAnswers } from './deployed-answers.js';
import type { DeployedReport } from './deployed-report.js';
import type { GateRoom } from './gate-room.js';
import type { GateSpecOf } from './gate-types.js';

/** Above zero the candidate is better than the live version, on the same rows. */
export interface LiveComparison {
  readonly liveVersion: number;
  /** That both answered. */
  readonly rows: number;
  /** That the live version did not answer. */
  readonly unanswered: number;
  /** What the gain is, in words. */
  readonly name: string;
  readonly gain: {
    readonly estimate: number;
    readonly lower: number;
    readonly upper: number;
    readonly confidence: number;
  };
}

type Found = LiveComparison | 'nothing-live' | Exclude<DeployedReport, { kind: 'judged' }>;

// Any constant: the same rows must give the same interval.
const SEED = 20_260_101;
const RESAMPLES = 1_000;
const TITLE = 'Against the live version';

/**
 * Since version 3 of what both answer when they are deployed in test; before, of what their files say. The live version is deployed
 * there in the way that it serves, so that its own environment counts and captures nothing of it.
 */
export const liveComparisonGate = defineGate<GateSpecOf<'not-worse-than-live'>, Found>({
  kind: 'not-worse-than-live',
  version: 3,
  measure: compareWithLive,
  judge: ({ margin, loss = 'squared' }, found) => {
    const required = `not worse than the live version by more than ${margin} of Brier score, or of the ${loss} error of numbers as a share of its own`;
    if (found === 'nothing-live') {
      return { title: TITLE, verdict: 'pass', observed: 'nothing is live yet', required, evidence: {} };
    }
    if ('kind' in found) return withoutReport(TITLE, required, found);
    const { gain, rows, unanswered, liveVersion, name } = found;
    const verdict: Verdict =
      rows < MIN_ROWS || !Number.isFinite(gain.estimate)
        ? 'insufficient'
        : gain.upper < -margin
          ? 'fail'
          : gain.estimate < -margin
            ? 'insufficient'
            : 'pass';
    const left =
      unanswered === 0 ? '' : `; ${unanswered} rows that version ${liveVersion} does not answer are left out`;
    return {
      title: TITLE,
      verdict,
      observed: `${name} ${rounded(gain.estimate)} over version ${liveVersion}, interval ${rounded(gain.lower)} to ${rounded(gain.upper)} on ${rows} rows${left}`,
      required,
      interval: gain,
      evidence: { liveVersion, rows, unanswered },
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
  const deployed = await room.deployed();
  if (deployed.kind !== 'judged') return deployed;
  const found = await room.rows();
  if ('problem' in found) return { kind: 'unmeasured', reason: found.problem };
  const theirs =
    // Asked by its number it would be the version under test that answers, and that is the one that is live.
    stable.version === version.version
      ? { answers: deployed.answers, unanswered: new Int32Array(), codes: [] }
      : await askBeside(room, { liveDeploymentId: stable.deploymentId, table: found.table });
  if ('problem' in theirs) return { kind: 'unmeasured', reason: theirs.problem };
  const unanswered = new Set(theirs.unanswered);
  const rows = Int32Array.from({ length: found.table.rowCount }, (_, row) => row).filter((row) => !unanswered.has(row));
  const common = { liveVersion: stable.version, rows: rows.length, unanswered: unanswered.size };
  if (rows.length < MIN_ROWS) return { kind: 'unmeasured', reason: tooFew(common, theirs.codes) };
  const { signature } = version;
  const table = selectRows(found.table, rows);
  const [own = new Float64Array(), live = new Float64Array()] = [deployed, theirs].map(({ answers }) =>
    answerLosses(pickAnswers(answers, rows), { table, signature }, loss),
  );
  const options = { rng: createRng(SEED), resamples: RESAMPLES, blockLength: deployed.report.bootstrap.blockRows };
  if (signature.task === 'classification') {
    return { ...common, name: 'Brier gain', gain: pairedBootstrap(live, own, options) };
  }
  const skill = ([mine = 0, other = 0]: Float64Array) =>
    other === 0 ? (mine === 0 ? 0 : Number.NaN) : 1 - mine / other;
  const name = `${loss === 'squared' ? 'MSE' : 'MAE'} skill`;
  return { ...common, name, gain: bootstrapMeans([own, live], skill, options) };
}

const tooFew = ({ liveVersion, rows, unanswered }: Omit<LiveComparison, 'name' | 'gain'>, codes: readonly string[]) =>
  `version ${liveVersion} and this one both answer ${rows} rows, ${MIN_ROWS} are needed${unanswered === 0 ? '' : `; version ${liveVersion} does not answer ${unanswered} (${codes.join(', ')})`}`;
