import { InferenceSession, Tensor } from 'onnxruntime-node';
import { OnnxGraph } from '../onnx/onnx-graph.js';
import type { FittedPreprocessor } from './preprocess-types.js';
import { type ColumnView, isMissing, type TableView } from './table-view.js';

/** Columns from plain values; null is missing. */
export function tableOf(columns: Readonly<Record<string, readonly (number | string | boolean | null)[] | Date[]>>) {
  const entries = Object.entries(columns).map(([name, values]) => [name, columnFrom(values)] as const);
  return { rowCount: Object.values(columns)[0]?.length ?? 0, columns: new Map(entries) } satisfies TableView;
}

function columnFrom(values: readonly (number | string | boolean | Date | null)[]): ColumnView {
  const validity = new Uint32Array(Math.ceil(values.length / 32));
  values.forEach((value, i) => {
    if (value !== null) validity[i >> 5] |= 1 << (i & 31);
  });
  const sample = values.find((value) => value !== null);
  if (typeof sample === 'string') {
    const dictionary = [...new Set(values.map((value) => String(value ?? '')))];
    const entries = new Map(dictionary.map((text, entry) => [text, entry]));
    return {
      kind: 'string',
      codes: Int32Array.from(values, (value) => entries.get(String(value ?? '')) ?? 0),
      dictionary,
      validity,
    };
  }
  if (typeof sample === 'boolean') return { kind: 'boolean', values: Uint8Array.from(values, Number), validity };
  const kind = sample instanceof Date ? 'timestamp' : 'float64';
  return { kind, values: Float64Array.from(values, (value) => (value === null ? 0 : Number(value))), validity };
}

/** What onnxruntime makes of the rows: the features, feature-major. */
export async function featuresByGraph(preprocessor: FittedPreprocessor, table: TableView): Promise<Float32Array> {
  const graph = new OnnxGraph();
  graph.node({ op: 'Identity', inputs: [preprocessor.writeOnnx(graph)], output: 'features' });
  graph.output('features', 'float', ['N', preprocessor.featureNames.length]);
  const session = await InferenceSession.create(graph.finish('test', {}), { logSeverityLevel: 3 });
  const feeds = Object.fromEntries(preprocessor.inputs.map(({ name, type }) => [name, tensorOf(table, name, type)]));
  const { features } = await session.run(feeds);
  const n = table.rowCount;
  const width = preprocessor.featureNames.length;
  const rowMajor = features.data as Float32Array;
  return Float32Array.from({ length: n * width }, (_, i) => rowMajor[(i % n) * width + Math.floor(i / n)]);
}

function tensorOf(table: TableView, name: string, type: 'float' | 'string' | 'int64'): Tensor {
  const n = table.rowCount;
  const column = table.columns.get(name) as ColumnView;
  const cell = <T>(missing: T, read: (row: number) => T) =>
    Array.from({ length: n }, (_, row) => (isMissing(column.validity, row) ? missing : read(row)));
  if (column.kind === 'string') {
    return new Tensor(
      'string',
      cell('', (row) => column.dictionary[column.codes[row]]),
      [n, 1],
    );
  }
  if (type === 'int64') {
    const millis = (row: number) =>
      Number.isNaN(column.values[row]) ? MISSING : BigInt(Math.floor(column.values[row]));
    return new Tensor('int64', BigInt64Array.from(cell(MISSING, millis)), [n, 1]);
  }
  return new Tensor('float32', Float32Array.from(cell(Number.NaN, (row) => column.values[row])), [n, 1]);
}

const MISSING = -(2n ** 63n);

/** Cells that differ, as `feature row: ours theirs`; NaN equals NaN, and 0 equals −0. */
export function differences(preprocessor: FittedPreprocessor, table: TableView, theirs: Float32Array): string[] {
  const ours = preprocessor.transform(table).values;
  const n = table.rowCount;
  const found: string[] = [];
  for (let i = 0; i < ours.length; i++) {
    if (ours[i] === theirs[i] || (Number.isNaN(ours[i]) && Number.isNaN(theirs[i]))) continue;
    found.push(`${preprocessor.featureNames[Math.floor(i / n)]} ${i % n}: ${ours[i]} ${theirs[i]}`);
  }
  return found;
}
