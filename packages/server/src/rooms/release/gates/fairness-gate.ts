import { cellAt, selectRows, type Table } from '@fairlead/frame';
import { numbersOf, truthOf } from '../../evaluation/index.js';
import type { ModelSignature } from '../../training/index.js';
import { rounded } from '../measure-words.js';
import { defineGate, insufficient, worstOf } from './define-gate.js';
import { type FairnessFinding, type GroupCounts, judgeFairness } from './fairness-rules.js';
import type { GateRoom } from './gate-room.js';
import { FAIRNESS_BOUNDS } from './gate-rules.js';
import type { FairnessSpec } from './gate-types.js';
import { inputRows, spreadRows } from './input-rows.js';

interface ColumnGroups {
  readonly column: string;
  readonly groups: readonly GroupCounts[];
  /** Rows without a value. */
  readonly unknown: number;
}

type Measured =
  | { readonly problem: string }
  | { readonly rows: number; readonly unanswered: number; readonly columns: readonly ColumnGroups[] };

/** More values than this are no groups. */
const MAX_GROUPS = 50;
const MAX_ROWS = 20_000;
const MIN_GROUP_ROWS = 30;
const TITLE = 'Fairness';

/** What the deployment in test answers to the rows of the evaluation, by groups of its protected columns. */
export const fairnessGate = defineGate<FairnessSpec, Measured>({
  kind: 'fairness',
  version: 1,
  measure: countGroups,
  judge: (spec, measured) => {
    const { columns, minGroupRows = MIN_GROUP_ROWS } = spec;
    const required = `${boundsInWords(spec)} between groups of ${columns.join(', ')} with at least ${minGroupRows} rows`;
    if ('problem' in measured) return insufficient(TITLE, required, measured.problem);
    const findings = measured.columns.flatMap(({ column, groups }) =>
      judgeFairness(spec, groups, minGroupRows).map((finding) => ({ column, ...finding })),
    );
    const worst = worstOf(findings);
    if (worst === undefined) return insufficient(TITLE, required, 'the gate has no bound');
    const small = [
      ...new Set(findings.flatMap(({ column, small: names }) => names.map((name) => `${column} ${name}`))),
    ];
    return {
      title: TITLE,
      verdict: worst.verdict,
      observed: `${inWords(worst)}${small.length === 0 ? '' : `; too small to be judged: ${small.join(', ')}`}`,
      required,
      ...(worst.interval !== null && { interval: worst.interval }),
      evidence: { ...measured, findings },
    };
  },
});

function inWords({ column, name, interval, between }: FairnessFinding & { column: string }): string {
  if (interval === null || between === null) return `fewer than two groups of ${column} are large enough`;
  const { estimate, lower, upper } = interval;
  return `${name} ${rounded(estimate)} [${rounded(lower)}, ${rounded(upper)}] between ${between.join(' and ')} of ${column}`;
}

const boundsInWords = (spec: FairnessSpec) =>
  FAIRNESS_BOUNDS.flatMap((bound) => (spec[bound] === undefined ? [] : [`${bound} ${spec[bound]}`])).join(', ');

async function countGroups(room: GateRoom, spec: FairnessSpec): Promise<Measured> {
  const found = await room.rows();
  if ('problem' in found) return found;
  const all = found.table;
  const absent = spec.columns.filter((column) => !all.columns.has(column));
  if (absent.length > 0) return { problem: `the rows of the evaluation have no column ${absent.join(', ')}` };
  const { signature } = room.version;
  const selects = selectionOf(signature, spec);
  if (typeof selects === 'string') return { problem: selects };
  const table = selectRows(all, spreadRows(all.rowCount, MAX_ROWS));
  const truth = selects.truth(table);
  const answers = await room.ask(inputRows(table, room.version));
  const selected = answers.map((answer) => (answer.kind === 'answered' ? selects.answer(answer) : null));
  const columns: ColumnGroups[] = [];
  for (const column of spec.columns) {
    const counted = countColumn(table, column, { truth, selected });
    if (counted.groups.length > MAX_GROUPS) {
      return { problem: `the column ${column} has ${counted.groups.length} values, which are no groups` };
    }
    columns.push(counted);
  }
  return { rows: table.rowCount, unanswered: selected.filter((one) => one === null).length, columns };
}

interface Selection {
  truth(table: Table): readonly boolean[];
  answer(answer: { label: string; value: number | undefined }): boolean;
}

/** What counts as selected, or why nothing does. */
function selectionOf(signature: ModelSignature, { label, threshold }: FairnessSpec): Selection | string {
  if (signature.task === 'regression') {
    if (threshold === undefined) return 'the model predicts numbers, and the gate has no threshold';
    return {
      truth: (table) => Array.from(numbersOf(table, signature), (value) => value >= threshold),
      answer: ({ value = Number.NaN }) => value >= threshold,
    };
  }
  const wanted = label ?? signature.labels.at(-1);
  const code = signature.labels.indexOf(wanted ?? '');
  if (code < 0) return `the model has no label ${wanted}; it has ${signature.labels.join(', ')}`;
  return {
    truth: (table) => Array.from(truthOf(table, signature).codes, (value) => value === code),
    answer: (answer) => answer.label === wanted,
  };
}

function countColumn(
  table: Table,
  column: string,
  { truth, selected }: { truth: readonly boolean[]; selected: readonly (boolean | null)[] },
): ColumnGroups {
  const values = table.columns.get(column);
  const counts = new Map<string, { -readonly [K in keyof GroupCounts]: GroupCounts[K] }>();
  let unknown = 0;
  for (let row = 0; row < table.rowCount; row += 1) {
    const chosen = selected[row];
    if (chosen == null || values === undefined) continue;
    const value = cellAt(values, row);
    if (value === null || value === '' || Number.isNaN(value)) {
      unknown += 1;
      continue;
    }
    const group = String(value);
    const count = counts.get(group) ?? {
      ...{ group, rows: 0, selected: 0, positives: 0, truePositives: 0, negatives: 0, falsePositives: 0 },
    };
    count.rows += 1;
    count.selected += Number(chosen);
    if (truth[row]) {
      count.positives += 1;
      count.truePositives += Number(chosen);
    } else {
      count.negatives += 1;
      count.falsePositives += Number(chosen);
    }
    counts.set(group, count);
  }
  const groups = [...counts.values()].sort((a, b) => (a.group < b.group ? -1 : 1));
  return { column, groups, unknown };
}
