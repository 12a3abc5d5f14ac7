import { countNgrams, sharedNgrams, tokenizeRouge } from './text-tokens.js';

export interface RougeScore {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** ROUGE-1, ROUGE-2 and ROUGE-L of one text. */
export interface Rouge {
  readonly rouge1: RougeScore;
  readonly rouge2: RougeScore;
  readonly rougeL: RougeScore;
}

/**
 * Overlap of words, pairs of words and the longest common subsequence (Lin 2004), by Google's rouge-score 0.1.2 without
 * stemming. All zero when either text has no word of a–z or 0–9.
 */
export function rouge(hypothesis: string, reference: string): Rouge {
  const guess = tokenizeRouge(hypothesis);
  const target = tokenizeRouge(reference);
  const ngrams = (n: number) => {
    const shared = sharedNgrams(countNgrams(target, n), countNgrams(guess, n));
    return scoreOf(shared, Math.max(0, guess.length - n + 1), Math.max(0, target.length - n + 1));
  };
  return {
    rouge1: ngrams(1),
    rouge2: ngrams(2),
    rougeL: scoreOf(longestCommon(guess, target), guess.length, target.length),
  };
}

function scoreOf(shared: number, inGuess: number, inTarget: number): RougeScore {
  const precision = shared / Math.max(inGuess, 1);
  const recall = shared / Math.max(inTarget, 1);
  return { precision, recall, f1: precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0 };
}

/** Length of the longest common subsequence, in memory of one row. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const row = new Int32Array(b.length + 1);
  for (const word of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      row[j] = word === b[j - 1] ? diagonal + 1 : Math.max(above, row[j - 1]);
      diagonal = above;
    }
  }
  return row[b.length];
}
