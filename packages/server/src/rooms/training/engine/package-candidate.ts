import { createHash } from 'node:crypto';
import { selectRows, type Table } from '@fairlead/frame';
import { canonicalJson } from '@fairlead/kernel';
import { exportModel, type FitHooks, profileTable } from '@fairlead/num';
import type { Candidate } from '../candidate-rules.js';
import { answersOf, fitPrepared, needsOf, prepareRows } from '../fit-candidate.js';
import { makeParityRows } from '../make-parity-rows.js';
import type { PackagedCandidate, Problem } from './engine-types.js';
import { fitSeed } from './score-unit.js';

/** Training rows on which a package is compared with its model; of more, as many evenly spread ones. */
const MAX_PARITY_ROWS = 20_000;

/** Fits a candidate on all rows and writes it as one ONNX file, with rows and answers that prove the file right. */
export function packageCandidate(
  problem: Problem,
  candidate: Candidate,
  hooks: FitHooks,
): Omit<PackagedCandidate, 'fitMs'> {
  const { table, target, signature, preprocess, seed, metadata } = problem;
  const features = signature.inputs.map(({ name }) => name);
  const allRows = fitSeed(seed, 'all rows');
  const prepared = prepareRows(table, { features, needs: needsOf(candidate), spec: preprocess, target, seed: allRows });
  const fitted = fitPrepared(prepared, { candidate, target, seed: allRows, hooks });
  const onnx = exportModel({
    ...fitted,
    ...(target.kind === 'classes' && { classLabels: target.labels }),
    // Nothing here may differ between two equal trainings: no run id, no time.
    metadata: {
      'fairlead.signature': canonicalJson(signature),
      'fairlead.trainer': candidate.trainer,
      'fairlead.params': canonicalJson(candidate.params),
      'fairlead.seed': String(seed),
      'fairlead.features': JSON.stringify(fitted.preprocessor.featureNames),
      'fairlead.profile': profileDigest(table),
      ...metadata,
    },
  });
  const parityRows = makeParityRows(spread(table), fitted);
  return {
    onnx,
    parityRows,
    decisions: prepared.decisions,
    expected: answersOf(fitted.model, fitted.preprocessor.transform(parityRows)),
  };
}

/** sha256 of the distributions of the training rows: two packages with equal ones learned from like rows. */
function profileDigest(table: Table): string {
  return createHash('sha256')
    .update(canonicalJson(profileTable(table)))
    .digest('hex');
}

function spread(table: Table): Table {
  const rows = table.rowCount;
  if (rows <= MAX_PARITY_ROWS) return table;
  const picked = Int32Array.from({ length: MAX_PARITY_ROWS }, (_, i) => Math.floor((i * rows) / MAX_PARITY_ROWS));
  return selectRows(table, picked);
}
