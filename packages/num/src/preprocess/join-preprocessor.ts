import type { FeatureMatrix } from '../linalg/matrix.js';
import { numErrors } from '../num-errors.js';
import type { OnnxGraph } from '../onnx/onnx-graph.js';
import { concatFeatures } from './onnx-pieces.js';
import type { Feature, FittedPart, FittedPreprocessor, RawInput } from './preprocess-types.js';
import type { TableView } from './table-view.js';

type Joined = Pick<FittedPreprocessor, 'spec' | 'decisions' | 'parts' | 'steps'>;

/** Puts learned parts and steps together. @throws NUM_COLUMN when two features share a name or one column has two kinds */
export function joinPreprocessor(joined: Joined): FittedPreprocessor {
  const { spec, parts, steps } = joined;
  const inputs = joinInputs(parts, [...new Set(spec.columns.map(({ name }) => name))]);
  const before = parts.flatMap((part) => part.features);
  checkFeatureNames(before);
  const { features, names } = followSteps(before, steps);
  return Object.freeze({
    ...joined,
    inputs,
    featureNames: names,
    categoryCounts: Int32Array.from(features, (feature) => feature?.categoryCount ?? 0),
    sourceOf: (feature: number) => features[feature]?.source,
    transform: (table: TableView) => {
      let x = transformParts(table, parts, before);
      for (const step of steps) x = step.transform(x);
      return x;
    },
    writeOnnx: (graph: OnnxGraph) => {
      for (const { name, type } of inputs) graph.input(name, type, ['N', 1]);
      let out = concatFeatures(
        graph,
        parts.map((part) => part.writeOnnx(graph)),
      );
      for (const step of steps) out = step.writeOnnx(graph, out);
      return out;
    },
  });
}

function transformParts(table: TableView, parts: readonly FittedPart[], features: readonly Feature[]): FeatureMatrix {
  const { rowCount } = table;
  const values = new Float32Array(rowCount * features.length);
  let from = 0;
  for (const part of parts) {
    const to = from + part.features.length * rowCount;
    part.transform(table, values.subarray(from, to));
    from = to;
  }
  const featureNames = features.map(({ name }) => name);
  return Object.freeze({ values, rowCount, featureCount: features.length, featureNames });
}

/** What is known of each feature after the steps; undefined for one that is newly computed. */
function followSteps(before: readonly Feature[], steps: FittedPreprocessor['steps']) {
  let features: readonly (Feature | undefined)[] = before;
  let names = before.map(({ name }) => name);
  for (const { repeats, featureNames } of steps) {
    features = Array.from(repeats, (from) => (from < 0 ? undefined : features[from]));
    names = [...featureNames];
  }
  return { features, names };
}

/** One input per raw column. Where blocks of one column differ in what they do with a missing cell, the first counts. */
function joinInputs(parts: readonly FittedPart[], order: readonly string[]): RawInput[] {
  const inputs = new Map<string, RawInput>();
  for (const input of parts.flatMap((part) => part.inputs)) {
    const known = inputs.get(input.name);
    if (known === undefined) inputs.set(input.name, input);
    else if (known.column !== input.column) {
      throw numErrors.NUM_COLUMN(`Column ${input.name} is read as ${known.column} and as ${input.column}.`, {
        data: { column: input.name },
      });
    } else if (known.categories === undefined && input.categories !== undefined) {
      inputs.set(input.name, { ...known, categories: input.categories });
    }
  }
  return order.map((name) => inputs.get(name) as RawInput);
}

function checkFeatureNames(features: readonly Feature[]): void {
  const seen = new Set<string>();
  for (const { name } of features) {
    if (seen.has(name)) {
      throw numErrors.NUM_COLUMN(`Two features are named ${name}: a block stands twice in the specification.`, {
        data: { feature: name },
      });
    }
    seen.add(name);
  }
}
