import { type Sigmoid, sigmoidProbability } from '../calibration/platt-sigmoid.js';
import { coupleProbabilities, pairNumber } from './pairwise-coupling.js';

/** How decision values of all pairs of the classes that were met become probabilities of all classes. */
export interface PairVote {
  readonly classCount: number;
  /** Codes of the classes that were met, ascending. */
  readonly present: readonly number[];
  /** One per pair of present classes. */
  readonly sigmoids: readonly Sigmoid[];
  /** True: the class with most votes always is the most probable one. */
  readonly followVotes: boolean;
}

/** Row-major rows × classCount from row-major rows × pairs. */
export function pairProbabilities(decisions: Float64Array, vote: PairVote): Float64Array {
  const { classCount, present, sigmoids } = vote;
  const pairs = sigmoids.length;
  const rowCount = decisions.length / pairs;
  const out = new Float64Array(rowCount * classCount);
  const given = new Float64Array(pairs);
  const own = new Float64Array(present.length);
  const work = new Float64Array(present.length * (present.length + 1));
  for (let row = 0; row < rowCount; row++) {
    const decided = decisions.subarray(row * pairs, (row + 1) * pairs);
    for (let pair = 0; pair < pairs; pair++) given[pair] = sigmoidProbability(sigmoids[pair], decided[pair]);
    if (present.length === 2) {
      own[0] = given[0];
      own[1] = 1 - given[0];
    } else {
      coupleProbabilities(given, own, work);
      if (vote.followVotes) putFirst(own, voteWinner(decided, present.length));
    }
    for (let k = 0; k < present.length; k++) out[row * classCount + present[k]] = own[k];
  }
  return out;
}

/** The class that wins most duels; the lower code wins a tie, as in libsvm. */
function voteWinner(decisions: Float64Array, classCount: number): number {
  let best = 0;
  let most = -1;
  for (let k = 0; k < classCount; k++) {
    let votes = 0;
    for (let other = 0; other < classCount; other++) {
      if (other > k) votes += decisions[pairNumber(k, other, classCount)] > 0 ? 1 : 0;
      else if (other < k) votes += decisions[pairNumber(other, k, classCount)] > 0 ? 0 : 1;
    }
    if (votes > most) {
      most = votes;
      best = k;
    }
  }
  return best;
}

/** Exchanges the largest probability with the winner's. */
function putFirst(p: Float64Array, winner: number): void {
  let largest = 0;
  for (let k = 1; k < p.length; k++) if (p[k] > p[largest]) largest = k;
  const kept = p[winner];
  p[winner] = p[largest];
  p[largest] = kept;
}
