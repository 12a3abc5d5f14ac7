/** What of one kind was found, is at its place now, and was there before. */
export interface KindTally {
  found: number;
  /** Written by this run of the command. */
  moved: number;
  /** Was there already, equal. */
  already: number;
  /** Not there, or there with another value. */
  differs: number;
}

export const KINDS = [
  'experiments',
  'runs',
  'params',
  'tags',
  'series',
  'points',
  'inputs and outputs',
  'files',
  'logged models',
  'models',
  'versions',
  'aliases',
] as const;
export type Kind = (typeof KINDS)[number];

export interface MoveProblem {
  readonly kind: Kind | 'source';
  /** Which one, as people find it. */
  readonly place: string;
  readonly problem: string;
  readonly code?: string;
}

const MAX_KEPT = 1_000;
const MAX_REMEMBERED = 100_000;

/** Counts and problems of one move. */
export interface MoveTally {
  readonly kinds: Readonly<Record<Kind, KindTally>>;
  readonly problems: readonly MoveProblem[];
  /** More than are kept, when a source has very many of them. */
  readonly problemCount: number;
  fileBytes: number;
  readonly differs: boolean;
  add(kind: Kind, what: keyof KindTally, count?: number): void;
  /** Something of a kind that is not at its place as it was found. */
  differ(kind: Kind, place: string, problems: readonly string[]): void;
  tell(problem: MoveProblem): void;
}

export function createTally(): MoveTally {
  const empty = (): KindTally => ({ found: 0, moved: 0, already: 0, differs: 0 });
  const kinds = Object.fromEntries(KINDS.map((kind) => [kind, empty()])) as Record<Kind, KindTally>;
  const problems: MoveProblem[] = [];
  let problemCount = 0;
  // A part that is read twice, to compare it, has the same problem twice.
  const seen = new Set<string>();
  const tell = (problem: MoveProblem) => {
    const text = `${problem.kind} ${problem.place} ${problem.problem}`;
    if (seen.has(text)) return;
    if (seen.size < MAX_REMEMBERED) seen.add(text);
    problemCount += 1;
    if (problems.length < MAX_KEPT) problems.push(problem);
  };
  return {
    kinds,
    problems,
    fileBytes: 0,
    get problemCount() {
      return problemCount;
    },
    get differs() {
      return problemCount > 0 || KINDS.some((kind) => kinds[kind].differs > 0);
    },
    add: (kind, what, count = 1) => {
      kinds[kind][what] += count;
    },
    differ: (kind, place, texts) => {
      kinds[kind].differs += 1;
      for (const problem of texts) tell({ kind, place, problem });
    },
    tell,
  };
}
