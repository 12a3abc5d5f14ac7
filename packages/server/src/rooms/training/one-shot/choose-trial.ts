import { findTrainer } from '@fairlead/num';
import type { SearchedTrial } from '../engine/search-news.js';
import { higherIsBetter } from '../engine/selection-rules.js';
import type { SelectionMetric } from '../training-types.js';
import { featureWords } from './auto-candidates.js';

export interface Choice {
  readonly trial: SearchedTrial;
  readonly why: string;
}

/**
 * Of trials that are best first: the simplest one that the best beats by no more than one standard error of the difference
 * over the folds (the rule of Breiman et al. 1984, on paired folds). A 95 % interval over three folds would call almost any
 * difference chance. With one fold the best is taken.
 */
export function chooseTrial(trials: readonly SearchedTrial[], metric: SelectionMetric): Choice {
  const [best, ...others] = trials.filter(({ failure }) => failure === null) as [SearchedTrial, ...SearchedTrial[]];
  const simpler = others
    .filter((one) => complexity(one) < complexity(best) && withinChance(best, one, metric))
    .sort((a, b) => complexity(a) - complexity(b))[0];
  if (simpler !== undefined) {
    const gap = Math.abs(best.score - simpler.score);
    return {
      trial: simpler,
      why: `${best.trainer} scored best (${metric} ${shown(best.score)}), but by ${shown(gap)} only, which is within the standard error over ${best.foldScores.length} folds: the simpler ${simpler.trainer} (${shown(simpler.score)}) is taken`,
    };
  }
  const next = others[0];
  const ahead = next === undefined ? '' : `, ahead of ${nameBeside(next, best)} (${shown(next.score)})`;
  return { trial: best, why: `best ${metric} of the validation (${shown(best.score)})${ahead}` };
}

/** One of the same kind is told by what it is fitted with. */
function nameBeside(trial: SearchedTrial, other: SearchedTrial): string {
  const { trainer, params } = trial;
  const features = featureWords(trial);
  if (trainer !== other.trainer) return features === '' ? trainer : `${trainer} with ${features}`;
  const own = Object.entries(params).filter(([name, value]) => other.params[name] !== value);
  const differs = own.map(([name, value]) => `${name} ${typeof value === 'number' ? shown(value) : value}`);
  if (features !== '') differs.push(features);
  return differs.length === 0 ? `${trainer} as it is` : `${trainer} with ${differs.join(', ')}`;
}

const complexity = ({ trainer }: SearchedTrial) => findTrainer(trainer)?.complexity ?? Number.POSITIVE_INFINITY;

const shown = (value: number) => String(Number(value.toPrecision(4)));

function withinChance(best: SearchedTrial, other: SearchedTrial, metric: SelectionMetric): boolean {
  const sign = higherIsBetter(metric) ? 1 : -1;
  const gains = best.foldScores.map((score, fold) => sign * (score - (other.foldScores[fold] as number)));
  const k = gains.length;
  if (k < 2) return false;
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / k;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / (k - 1);
  return mean <= Math.sqrt(variance / k);
}
