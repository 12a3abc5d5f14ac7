import {
  type BootstrapInterval,
  bleuOfSums,
  bleuTerms,
  bootstrapManyMeans,
  clusteringAgreement,
  clusteringShape,
  createRng,
  exactMatchRows,
  matrixFromColumns,
  rankedListMetrics,
  rougeRows,
  scoreHumanMachine,
  scorePolicy,
  scoreRankedLists,
  scoreText,
} from '@fairlead/num';
import { compareLosses } from './compare-models.js';
import {
  bootstrapMethod,
  bootstrapOptions,
  combine,
  type Drawing,
  judgeBaseline,
  known,
  withInterval,
} from './prediction-intervals.js';
import type { TaskResult } from './predictions-types.js';

/** Clusters against a true grouping; with features, also how compact they are. Indices of pairs have no intervals. */
export function evaluateClusters(rows: {
  readonly truth: Int32Array;
  readonly found: Int32Array;
  readonly features: readonly Float64Array[];
}): TaskResult {
  const { truth, found, features } = rows;
  const agreement = clusteringAgreement(truth, found);
  const one = clusteringAgreement(truth, new Int32Array(truth.length));
  const clusters = new Set(found).size;
  const notes = ['Indices of pairs have no interval: a resample repeats rows, and a row agrees with itself.'];
  let shape: Record<string, number> = {};
  if (features.length > 0 && clusters >= 2 && clusters < found.length) {
    const {
      silhouetteRows,
      clusters: _,
      ...indices
    } = clusteringShape(matrixFromColumns(features), found, {
      rng: createRng(0),
    });
    shape = indices;
    if (silhouetteRows < found.length) notes.push(`The silhouette is an estimate from ${silhouetteRows} random rows.`);
  } else if (features.length > 0) notes.push(`${clusters} clusters have no shape to judge.`);
  const skill = (agreement.adjustedRand as number) - (one.adjustedRand as number);
  return {
    metrics: combine({ ...agreement, ...shape, clusters }, new Map()),
    baselines: [
      {
        baseline: 'one cluster',
        loss: '1 − adjusted Rand index',
        modelLoss: 1 - (agreement.adjustedRand as number),
        baselineLoss: 1 - (one.adjustedRand as number),
        skill: { estimate: skill, lower: null, upper: null },
      },
    ],
    notes,
  };
}

export interface ListRows {
  readonly groups: Int32Array;
  readonly relevance: Float64Array;
  readonly scores: Float64Array;
  readonly baseline: { readonly name: string; readonly values: Float64Array } | undefined;
  readonly compare: { readonly name: string; readonly values: Float64Array } | undefined;
  readonly k: number | undefined;
}

/** Ranked lists, judged list by list; lists are what the bootstrap draws. */
export function evaluateLists({ groups, relevance, scores, baseline, compare, k }: ListRows): TaskResult {
  const drawing: Drawing = { blockLength: 1 };
  const input = { groups, relevance, scores };
  const lists = rankedListMetrics(input, k);
  const ndcgOf = (values: Float64Array) =>
    Float64Array.from(rankedListMetrics({ groups, relevance, scores: values }, k), (list) => 1 - list.ndcg);
  const terms = [
    Float64Array.from(lists, ({ ndcg }) => ndcg),
    Float64Array.from(lists, ({ reciprocalRank }) => reciprocalRank),
    Float64Array.from(lists, ({ averagePrecision }) => averagePrecision),
    Float64Array.from(lists, ({ hit }) => hit),
  ];
  const names = ['ndcg', 'mrr', 'map', 'hitRate'];
  const loss = ndcgOf(scores);
  const against = (name: string, values: Float64Array) =>
    judgeBaseline(
      { baseline: name, loss: '1 − NDCG', model: loss, other: ndcgOf(values) },
      { drawing, weights: undefined },
    );
  const barren = lists.filter(({ ndcg, hit }) => ndcg === 0 && hit === 0).length;
  return {
    metrics: combine({ ...scoreRankedLists(input, k), lists: lists.length }, meansOf(names, terms, drawing)),
    baselines: [
      against('any order', new Float64Array(scores.length)),
      ...(baseline ? [against(baseline.name, baseline.values)] : []),
    ],
    ...(compare && {
      comparison: [compareLosses('1 − NDCG', { first: loss, second: ndcgOf(compare.values) }, drawing)],
    }),
    notes: barren > 0 ? [`${barren} lists have no relevant row among the places looked at and count 0.`] : [],
  };
}

function meansOf(names: readonly string[], terms: readonly Float64Array[], drawing: Drawing) {
  if ((terms[0]?.length ?? 0) < 2) return new Map();
  const found = bootstrapManyMeans(terms, (means) => [...means], bootstrapOptions(drawing, 'means'));
  return new Map(
    names.map((name, s) => {
      const interval = found[s] as BootstrapInterval;
      return [name, { interval, method: bootstrapMethod(interval) }] as const;
    }),
  );
}

export interface TextRows {
  readonly references: readonly string[];
  readonly hypotheses: readonly string[];
  readonly baseline: { readonly name: string; readonly texts: readonly string[] } | undefined;
  readonly compare: { readonly name: string; readonly texts: readonly string[] } | undefined;
  readonly drawing: Drawing;
}

/** Generated texts against one reference each. */
export function evaluateTexts({ references, hypotheses, baseline, compare, drawing }: TextRows): TaskResult {
  const rows = rougeRows(hypotheses, references);
  const rougeL = (texts: readonly string[]) =>
    Float64Array.from(rougeRows(texts, references), (row) => 1 - row.rougeL.f1);
  const terms = [
    Float64Array.from(rows, (row) => row.rouge1.f1),
    Float64Array.from(rows, (row) => row.rouge2.f1),
    Float64Array.from(rows, (row) => row.rougeL.f1),
    exactMatchRows(hypotheses, references),
  ];
  const intervals = meansOf(['rouge1', 'rouge2', 'rougeL', 'exactMatch'], terms, drawing);
  const n = hypotheses.length;
  if (n >= 2) {
    const bleu = bootstrapManyMeans(
      bleuTerms(
        hypotheses,
        references.map((text) => [text]),
      ),
      (means) => [bleuOfSums(means.map((value) => Math.round(value * n)))],
      bootstrapOptions(drawing, 'bleu'),
    );
    const interval = bleu[0] as BootstrapInterval;
    intervals.set('bleu', { interval, method: bootstrapMethod(interval) });
  }
  const losses = rougeL(hypotheses);
  const frequent = mostFrequent(references);
  const against = (name: string, texts: readonly string[]) =>
    judgeBaseline(
      { baseline: name, loss: '1 − ROUGE-L', model: losses, other: rougeL(texts) },
      { drawing, weights: undefined },
    );
  return {
    metrics: combine(scoreText(hypotheses, references), intervals),
    baselines: [
      against(
        'most frequent text',
        hypotheses.map(() => frequent),
      ),
      ...(baseline ? [against(baseline.name, baseline.texts)] : []),
    ],
    ...(compare && {
      comparison: [compareLosses('1 − ROUGE-L', { first: losses, second: rougeL(compare.texts) }, drawing)],
    }),
    losses,
    lossName: '1 − ROUGE-L',
    notes: [],
  };
}

function mostFrequent(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0] as [string, number])[0];
}

export interface PolicyRows {
  readonly rewards: Float64Array;
  readonly episodes: Int32Array | undefined;
  readonly best: Float64Array | undefined;
  readonly baseline: { readonly name: string; readonly values: Float64Array } | undefined;
  readonly discount: number | undefined;
  readonly drawing: Drawing;
}

/** Logged rewards of a policy; the bootstrap draws episodes where there are several, steps otherwise. */
export function evaluatePolicy({ rewards, episodes, best, baseline, discount, drawing }: PolicyRows): TaskResult {
  const found = scorePolicy({ rewards, episodes, best, discount });
  const { returns, regret, ...numbers } = found;
  const several = returns.length > 1;
  const means = several
    ? meansOf(['meanReturn'], [returns], { blockLength: 1 })
    : meansOf(['meanReward'], [rewards], drawing);
  const other = baseline && scorePolicy({ rewards: baseline.values, episodes, discount });
  const gap = other && compareLosses('meanReturn', { first: returns, second: other.returns }, { blockLength: 1 });
  return {
    metrics: combine(
      { ...numbers, ...(regret === undefined ? {} : { regret, meanRegret: regret / rewards.length }) },
      means,
    ),
    baselines: [],
    ...(gap && { comparison: [{ ...gap, name: `meanReturn against ${baseline?.name}` }] }),
    losses: rewards.map((reward) => -reward),
    lossName: 'reward, with its sign turned',
    notes: several ? [] : ['There is one episode, so the return has no interval.'],
  };
}

/** A machine that may hand cases to people. Codes below 0: handed over. */
export function evaluateTeam(rows: {
  readonly human: Int32Array;
  readonly machine: Int32Array;
  readonly majority: Int32Array;
}): TaskResult {
  const { human, machine, majority } = rows;
  const { automationRate, riskRate, agreement, decided } = scoreHumanMachine({ human, machine });
  const at = machine.reduce<number[]>((all, code, i) => {
    if (code >= 0) all.push(i);
    return all;
  }, []);
  const lossOf = (codes: Int32Array) => Float64Array.from(at, (row) => Number(codes[row] !== human[row]));
  return {
    metrics: [
      withInterval('automationRate', automationRate, 'Wilson'),
      withInterval('riskRate', riskRate, 'Wilson'),
      agreement ? withInterval('agreement', agreement, 'Wilson') : { name: 'agreement', value: null },
      { name: 'decidedByMachine', value: known(decided) },
    ],
    baselines:
      at.length < 2
        ? []
        : [
            judgeBaseline(
              {
                baseline: 'majority where the machine decided',
                loss: 'error rate',
                model: lossOf(machine),
                other: lossOf(majority),
              },
              { drawing: { blockLength: 1 }, weights: undefined },
            ),
          ],
    losses: Float64Array.from(human, (code, i) => Number((machine[i] as number) >= 0 && machine[i] !== code)),
    lossName: 'risk rate',
    notes: decided === 0 ? ['The machine decided nothing.'] : [],
  };
}
