import type { FeatureMatrix } from '../linalg/matrix.js';
import type { SearchSpace } from '../search/search-types.js';
import type { ClassWeight } from './class-targets.js';
import type { ParamRule, Params } from './param-types.js';
import type { FitHooks, FittedClassifierBase, FittedModel, FittedRegressorBase, Task } from './trainer-types.js';

/** What every fit is told beside its parameters. */
export interface FitContext extends FitHooks {
  /** An integer in [0, 2³²); trainers without chance ignore it. */
  readonly seed: number;
  readonly sampleWeight?: Float64Array;
  /** Number of levels of each categorical feature given as codes 0, 1, …; 0 for a numeric feature. */
  readonly categoryCounts?: Int32Array;
}

export interface ClassificationContext extends FitContext {
  readonly classCount: number;
  readonly classWeight?: ClassWeight;
}

/** What a trainer wants its features to be; preprocessing is chosen by it unless the user says otherwise. */
export interface FeatureNeeds {
  /** True: a feature on a larger scale would count for more (linear models, kernels, neighbours). */
  readonly scale: boolean;
  /** 'accept': NaN is learned from; 'impute': it must be replaced before. */
  readonly missing: 'accept' | 'impute';
  /** How texts reach it: one feature per category, or one feature of codes with `categoryCounts`. */
  readonly categories: 'one-hot' | 'codes';
  /**
   * Another treatment of columns with many categories: from 17 on the mean of the target ('target'), or from 65 on one
   * feature for each of the most frequent ones ('one-hot', 256 at most). Default: as `categories` says, and the mean of the
   * target where those are too many for it.
   */
  readonly manyCategories?: 'one-hot' | 'target';
  /** Parts of a time as sine and cosine or as numbers. Default: 'cyclical' with `scale`, else 'plain'. */
  readonly times?: 'cyclical' | 'plain';
}

/**
 * A trainer as search, commands and pipelines see it; one per file, listed in trainer-catalogue.ts. Parameters have
 * scikit-learn's names in camel case. The typed `fit…` function beside it is what code calls directly.
 */
export interface TrainerDefinition {
  readonly name: string;
  /** One line for people. */
  readonly summary: string;
  readonly params: Readonly<Record<string, ParamRule>>;
  /** What a search tries when the user names no space. */
  readonly searchSpace: SearchSpace;
  readonly needs: FeatureNeeds;
  /** Of two equal scores the lower rank wins: 0 for a line, 9 for an ensemble of ensembles. */
  readonly complexity: number;
  /** Learns from rows without a class, whose code is −1, too. */
  readonly takesUnlabelled?: true;
  /** Present for each task that it can do. `params` has passed `params` above; NaN never arrives unless needs.missing says so. */
  readonly classify?: (
    x: FeatureMatrix,
    y: Int32Array,
    params: Params,
    context: ClassificationContext,
  ) => FittedClassifierBase;
  readonly regress?: (x: FeatureMatrix, y: Float64Array, params: Params, context: FitContext) => FittedRegressorBase;
  /** Learns without a target. */
  readonly discover?: (x: FeatureMatrix, params: Params, context: FitContext) => FittedModel;
}

export function tasksOf(trainer: TrainerDefinition): Task[] {
  const tasks: Task[] = [];
  if (trainer.classify) tasks.push('classification');
  if (trainer.regress) tasks.push('regression');
  if (trainer.discover) tasks.push(trainer.name === 'isolation-forest' ? 'anomaly' : 'clustering');
  return tasks;
}
