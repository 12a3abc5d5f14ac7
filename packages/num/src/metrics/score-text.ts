import { checkLength } from '../checks.js';
import { numErrors } from '../num-errors.js';
import { corpusBleu } from './bleu.js';
import { type Rouge, type RougeScore, rouge } from './rouge.js';
import type { Scores } from './score-classification.js';

/** Equal after outer blanks are cut: 1 or 0 per text. */
export function exactMatchRows(hypotheses: readonly string[], references: readonly string[]): Float64Array {
  checkLength('references', references.length, hypotheses.length);
  return Float64Array.from(hypotheses, (text, i) => Number(text.trim() === references[i].trim()));
}

/** ROUGE of each text. */
export function rougeRows(hypotheses: readonly string[], references: readonly string[]): Rouge[] {
  checkLength('references', references.length, hypotheses.length);
  return hypotheses.map((text, i) => rouge(text, references[i]));
}

/**
 * Metrics of generated texts by name: `bleu` 0..100 over the corpus, `exactMatch`, and mean F1, precision and recall of
 * ROUGE-1, -2 and -L. One reference each.
 */
export function scoreText(hypotheses: readonly string[], references: readonly string[]): Scores {
  if (hypotheses.length === 0) throw numErrors.NUM_TOO_FEW('There are no texts to score.');
  const rows = rougeRows(hypotheses, references);
  const mean = (pick: (row: Rouge) => number) => rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
  const parts = (name: keyof Rouge) =>
    (['f1', 'precision', 'recall'] as const satisfies (keyof RougeScore)[]).map((part) => [
      part === 'f1' ? name : `${name}${part === 'precision' ? 'Precision' : 'Recall'}`,
      mean((row) => row[name][part]),
    ]);
  const exact = exactMatchRows(hypotheses, references);
  return {
    bleu: corpusBleu(
      hypotheses,
      references.map((text) => [text]),
    ),
    exactMatch: exact.reduce((sum, hit) => sum + hit, 0) / exact.length,
    ...Object.fromEntries([...parts('rouge1'), ...parts('rouge2'), ...parts('rougeL')]),
  };
}
