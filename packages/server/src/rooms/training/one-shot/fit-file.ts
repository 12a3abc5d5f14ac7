import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { selectRows } from '@fairlead/frame';
import { createInferenceHost } from '../../../platform/inference/index.js';
import { withScratchFolder } from '../../../platform/scratch/index.js';
import { runTraining, type TrainedPackage, type TrainingTools } from '../engine/run-training.js';
import { createModelScorer } from '../model-scorer.js';
import { joined } from '../partly-labelled.js';
import { planSearch } from '../plan-problem.js';
import type { ModelSignature } from '../training-types.js';
import { featureWords } from './auto-candidates.js';
import type { FitFileOptions, FitFileResult, FitTimings, LeaderRow } from './fit-types.js';
import { type JudgedModel, judgeModel } from './judge-model.js';
import { type FitPlan, planFit } from './plan-fit.js';
import { readTable } from './read-table.js';
import { compareOnSample, type Selection } from './select-candidate.js';
import { openWhole, saveWhole, type WholeFile } from './whole-file.js';

/**
 * From a file to a packaged model: reads, decides the task and the columns, puts test rows aside, compares candidates on the
 * rest, fits the chosen one, proves the package and tests it on the rows put aside.
 *
 * @throws what reading the file throws, TRN_…, NUM_…, or the signal's reason
 */
export async function fitFile(options: FitFileOptions, version: string): Promise<FitFileResult> {
  const { path, progress, signal } = options;
  // Before the work, not after it: nobody wants to hear of a missing folder after an hour.
  const file = await openWhole(resolve(options.out), [resolve(path)]);
  progress?.(0, `reading ${path}`);
  const sinceLast = startStopwatch();
  const read = await readTable(resolve(path), { format: options.format, signal });
  const plan = planFit(read, options);
  const readMs = sinceLast();
  return withScratchFolder('fairlead-fit-', (folder) => fitPlanned(plan, { options, version, file, folder, readMs }));
}

/** Milliseconds since it was last asked. */
function startStopwatch(): () => number {
  let last = performance.now();
  return () => {
    const before = last;
    last = performance.now();
    return last - before;
  };
}

interface Commission {
  readonly options: FitFileOptions;
  readonly version: string;
  readonly file: WholeFile;
  readonly folder: string;
  readonly readMs: number;
}

async function fitPlanned(
  plan: FitPlan,
  { options, version, file, folder, readMs }: Commission,
): Promise<FitFileResult> {
  const { progress, signal } = options;
  const inference = createInferenceHost({ workers: 1, trusted: true });
  const scorer = createModelScorer({
    inference,
    objects: { localPath: () => Promise.reject(new Error('only files are scored here')) },
  });
  const tools: TrainingTools = {
    scorer,
    threads: options.threads ?? availableParallelism(),
    signal,
    stagingPath: async () => join(folder, 'model.onnx'),
    tell: (news) => {
      if (news.type === 'progress') progress?.(news.ratio, news.message);
    },
  };
  try {
    const sinceLast = startStopwatch();
    const selection = await compareOnSample(plan, options, tools);
    const compareMs = sinceLast();
    const trained = await fitChosen(plan, { selection, version, tools, options });
    await saveWhole(file, trained.bytes);
    const packageMs = Math.max(0, sinceLast() - trained.fitMs);
    progress?.(0.95, 'testing');
    const judged = await judgeModel(plan, {
      ...{ selection, scorer, trained, signature: trained.signature, signal },
      path: resolve(options.out),
    });
    const timings = { readMs, compareMs, fitMs: trained.fitMs, packageMs, testMs: sinceLast() };
    return report(plan, { options, selection, trained, judged, timings });
  } finally {
    await inference.close();
  }
}

async function fitChosen(
  { table, task, target, time, features, preprocess, integers, split, unlabelled, seed }: FitPlan,
  work: { selection: Selection; version: string; tools: TrainingTools; options: FitFileOptions },
): Promise<TrainedPackage & { readonly signature: ModelSignature }> {
  const { trainer, params, needs } = work.selection.chosen;
  const planned = planSearch(
    {
      table: selectRows(table, joined(split.train, unlabelled)),
      request: {
        target,
        task,
        features,
        ...(preprocess && { preprocess }),
        candidates: [{ trainer, params, ...(needs && { needs }) }],
        validation: { kind: 'hold-out', ratio: 0.2 },
        seed,
      },
      ...{ experiment: '', parentRunId: null, time, entity: [], integers },
    },
    { 'fairlead.version': work.version },
  );
  const trained = await runTraining(planned, work.tools);
  const decisions = [...planned.leftOut, ...trained.decisions];
  return { ...trained, decisions, signature: planned.problem.signature };
}

interface Outcome {
  readonly options: FitFileOptions;
  readonly selection: Selection;
  readonly trained: TrainedPackage;
  readonly judged: JudgedModel;
  readonly timings: FitTimings;
}

function report(plan: FitPlan, { options, selection, trained, judged, timings }: Outcome): FitFileResult {
  const { split, reports, task, target } = plan;
  const treated = new Map(trained.decisions.map((decision) => [decision.column, decision]));
  const { chosen, trials, why } = selection;
  const isChosen = (trial: (typeof trials)[number]) => trial.number === chosen.number;
  const models = trials.map(
    (trial): LeaderRow => ({
      name: trial.trainer,
      kind: 'model',
      params: trial.params,
      features: featureWords(trial),
      validation: Number.isNaN(trial.score) ? null : trial.score,
      failure: trial.failure === null ? null : `${trial.failure.code}: ${trial.failure.message}`,
      fitMs: isChosen(trial) ? trained.fitMs : trial.fitMs,
      test: isChosen(trial) ? judged.test : null,
    }),
  );
  return {
    rows: plan.table.rowCount,
    task,
    target: target === '' ? null : target,
    labels: judged.labels,
    columns: reports.map((one) => {
      const decision = one.role === 'feature' ? treated.get(one.name) : undefined;
      return decision ? { ...one, treatment: decision.choice, reason: decision.reason } : one;
    }),
    split: {
      by: split.by,
      trainRows: split.train.length,
      testRows: split.test.length,
      testFrom: split.testFromMs === null ? null : new Date(split.testFromMs).toISOString(),
    },
    validation: selection.words,
    metric: selection.metric,
    leaderboard: [...models, ...judged.baselines],
    chosen: { trainer: chosen.trainer, params: chosen.params, features: featureWords(chosen), why },
    test: judged.test,
    nested: selection.nested,
    comparison: judged.comparison,
    parity: trained.parity,
    file: {
      path: resolve(options.out),
      sizeBytes: trained.bytes.byteLength,
      digest: createHash('sha256').update(trained.bytes).digest('hex'),
    },
    timings,
    notes: [...plan.notes, ...selection.notes, ...judged.notes],
  };
}
