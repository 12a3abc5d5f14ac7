import { numErrors } from '../../num-errors.js';
import type { OnnxGraph } from '../../onnx/onnx-graph.js';
import { type Affine, learnScale } from '../numeric/learn-scale.js';
import { applyAffine } from '../numeric/numbers-part.js';
import { writeScale } from '../numeric/onnx-numbers.js';
import { modeOfSorted, quantileOfFloats } from '../numeric/order-statistics.js';
import { cast, concatFeatures, flattenRows } from '../onnx-pieces.js';
import type { DatePart, DateSpec } from '../preprocess-spec.js';
import type { FittedPart, PreprocessDecision, RawInput } from '../preprocess-types.js';
import { isMissing, requireColumn, type TableView } from '../table-view.js';
import { CYCLES, datePartOf } from './civil-date.js';
import { OnnxCivilDate, writeTimes } from './onnx-civil-date.js';

/** What one part of the date becomes: itself, scaled, or a row of a table of sines and cosines. */
interface PartPlan {
  readonly part: DatePart;
  readonly names: readonly string[];
  /** Stands in for a missing value; NaN keeps it. */
  readonly fill: number;
  readonly scale: Affine;
  /** Row-major, by value of the part: sine, cosine. */
  readonly cycle?: Float32Array;
}

export interface DateFit {
  readonly part: FittedPart;
  readonly spec: DateSpec;
  readonly decision?: PreprocessDecision;
}

const DEFAULT_PARTS: readonly DatePart[] = ['year', 'month', 'weekday', 'hour'];

/**
 * Parts of a timestamp in UTC, within ±8.64e15 ms of 1970. Without a choice of parts those that vary in training are taken.
 *
 * @throws NUM_COLUMN, NUM_TOO_FEW for a column without values
 */
export function fitDatePart(table: TableView, spec: DateSpec): DateFit {
  const known = new Map<DatePart, Float32Array>();
  const read = (part: DatePart): Float32Array => {
    const sorted = known.get(part) ?? sortedPart(table, spec.name, part);
    known.set(part, sorted);
    return sorted;
  };
  if (read('year').length === 0) {
    throw numErrors.NUM_TOO_FEW(`Column ${spec.name} has no value in the training rows.`, {
      data: { column: spec.name },
    });
  }
  const varying = DEFAULT_PARTS.filter((part) => {
    const sorted = read(part);
    return sorted[0] !== sorted[sorted.length - 1];
  });
  const parts = spec.parts ?? (varying.length > 0 ? varying : ['year' as const]);
  const plans = parts.map((part) => planPart(part, spec, read(part)));
  const reason = `of ${DEFAULT_PARTS.join(', ')} those that vary in training`;
  const decision = { column: spec.name, choice: parts.join(', '), reason };
  return { part: datePart(spec, plans), spec: { ...spec, parts }, ...(!spec.parts && { decision }) };
}

/** `sorted`: the present training values of the part. */
function planPart(part: DatePart, spec: DateSpec, sorted: Float32Array): PartPlan {
  const { name, cyclical = false, impute = 'most-frequent', scale = 'none' } = spec;
  const middle = impute === 'median' ? quantileOfFloats(sorted, 0.5) : modeOfSorted(sorted);
  const cycle = cyclical ? CYCLES[part] : undefined;
  if (cycle === undefined) {
    const fill = impute === 'none' ? Number.NaN : middle;
    return { part, names: [`${name}_${part}`], fill, scale: learnScale(sorted, scale) };
  }
  const table = new Float32Array(2 * (cycle.first + cycle.count));
  for (let value = cycle.first; value < cycle.first + cycle.count; value++) {
    const angle = (2 * Math.PI * (value - cycle.first)) / cycle.count;
    table[2 * value] = Math.sin(angle);
    table[2 * value + 1] = Math.cos(angle);
  }
  const fill = impute === 'none' ? Number.NaN : Math.floor(middle);
  const names = [`${name}_${part}_sin`, `${name}_${part}_cos`];
  return { part, names, fill, scale: { offset: 0, factor: 1 }, cycle: table };
}

function datePart(spec: DateSpec, plans: readonly PartPlan[]): FittedPart {
  const { name, missingIndicator = false, impute } = spec;
  const names = plans.flatMap((plan) => plan.names);
  if (missingIndicator) names.push(`${name}=(missing)`);
  const input: RawInput = { name, type: 'int64', column: 'timestamp', missing: impute === 'none' ? 'keep' : 'impute' };
  return Object.freeze({
    inputs: [input],
    features: names.map((feature) => ({ name: feature, categoryCount: 0 })),
    transform: (table: TableView, out: Float32Array) => {
      const n = table.rowCount;
      let at = 0;
      for (const plan of plans) {
        transformPart(table, name, plan, out.subarray(at, at + plan.names.length * n));
        at += plan.names.length * n;
      }
      if (missingIndicator) {
        const { values, validity } = requireColumn(table, name, ['timestamp']);
        for (let row = 0; row < n; row++) {
          if (Number.isNaN(values[row]) || isMissing(validity, row)) out[at + row] = 1;
        }
      }
    },
    writeOnnx: (graph: OnnxGraph) => {
      const { missing, times } = writeTimes(graph, name);
      const date = new OnnxCivilDate(graph, times);
      const parts = plans.map((plan) => writePart(graph, { plan, missing, integers: date.part(plan.part) }));
      if (missingIndicator) parts.push(cast(graph, missing, 'float'));
      return concatFeatures(graph, parts);
    },
  });
}

/** The part of every row as Float32, NaN where missing. */
function readPart(table: TableView, name: string, part: DatePart, out: Float32Array): void {
  const { values, validity } = requireColumn(table, name, ['timestamp']);
  for (let row = 0; row < out.length; row++) {
    const epochMs = values[row];
    out[row] = Number.isNaN(epochMs) || isMissing(validity, row) ? Number.NaN : datePartOf(epochMs, part);
  }
}

/** The present values of a part, ascending: they are few different whole numbers, so they are counted, not compared. */
function sortedPart(table: TableView, name: string, part: DatePart): Float32Array {
  const values = new Float32Array(table.rowCount);
  readPart(table, name, part, values);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < values.length; row++) {
    if (values[row] < min) min = values[row];
    if (values[row] > max) max = values[row];
  }
  if (min > max) return new Float32Array(0);
  const counts = new Float64Array(max - min + 1);
  for (let row = 0; row < values.length; row++) if (!Number.isNaN(values[row])) counts[values[row] - min]++;
  let to = 0;
  for (let i = 0; i < counts.length; i++) {
    values.fill(min + i, to, to + counts[i]);
    to += counts[i];
  }
  return values.subarray(0, to);
}

function transformPart(table: TableView, name: string, plan: PartPlan, out: Float32Array): void {
  const { fill, cycle, scale } = plan;
  const n = table.rowCount;
  const first = out.subarray(0, n);
  readPart(table, name, plan.part, first);
  for (let row = 0; row < n; row++) if (Number.isNaN(first[row])) first[row] = fill;
  if (cycle === undefined) {
    applyAffine(first, scale);
    return;
  }
  for (let row = 0; row < n; row++) {
    const value = first[row];
    out[n + row] = Number.isNaN(value) ? value : cycle[2 * value + 1];
    first[row] = Number.isNaN(value) ? value : cycle[2 * value];
  }
}

function writePart(
  graph: OnnxGraph,
  { plan, missing, integers }: { plan: PartPlan; missing: string; integers: string },
): string {
  const { fill, cycle, scale } = plan;
  if (cycle === undefined) {
    const stand = graph.constant(Float32Array.of(fill), [1, 1]);
    const filled = graph.node({ op: 'Where', inputs: [missing, stand, cast(graph, integers, 'float')] });
    return writeScale(graph, filled, [scale]);
  }
  const table = graph.constant(cycle, [cycle.length / 2, 2]);
  const both = flattenRows(graph, graph.node({ op: 'Gather', inputs: [table, integers] }), 2);
  const stands = Number.isNaN(fill) ? [Number.NaN, Number.NaN] : [cycle[2 * fill], cycle[2 * fill + 1]];
  return graph.node({ op: 'Where', inputs: [missing, graph.constant(Float32Array.from(stands), [1, 2]), both] });
}
