import { powerOfMeans, powerOfProportions, sampleSizeOfMeans, sampleSizeOfProportions } from '@fairlead/num';

export interface ExperimentQuestion {
  /** Smallest improvement that matters: of a share absolute, of a mean in its units. */
  readonly effect: number;
  /** Share that the stable version has; or … */
  readonly baseline?: number;
  /** … standard deviation of one reward. */
  readonly standardDeviation?: number;
  /** The candidate's share of traffic. */
  readonly weight: number;
  readonly alpha: number;
  readonly power: number;
  /** Asks for the power of so many observations of the candidate instead. */
  readonly trials?: number;
}

/** Observations of either version, and the power they have. */
export interface ExperimentSize {
  readonly candidate: number;
  readonly stable: number;
  readonly power: number;
}

/** How many observations an A/B test needs, or what a number of them can find. @throws NUM_RANGE */
export function planExperiment(question: ExperimentQuestion): ExperimentSize {
  const { effect, baseline, standardDeviation = Number.NaN, weight, alpha, power, trials } = question;
  const ratio = (1 - weight) / weight;
  const common = { effect, alpha, ratio };
  if (trials !== undefined) {
    const found =
      baseline === undefined
        ? powerOfMeans({ ...common, standardDeviation, trials })
        : powerOfProportions({ ...common, baseline, trials });
    return { candidate: trials, stable: Math.ceil(trials * ratio), power: found };
  }
  const candidate =
    baseline === undefined
      ? sampleSizeOfMeans({ ...common, power, standardDeviation })
      : sampleSizeOfProportions({ ...common, power, baseline });
  return { candidate, stable: Math.ceil(candidate * ratio), power };
}
