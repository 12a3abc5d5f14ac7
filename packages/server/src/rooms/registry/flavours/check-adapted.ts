import { type NamedTensor, probeModel, type TensorData } from '../../../platform/inference/index.js';
import type { ModelInput } from '../../training/index.js';
import type { PackagePlan } from './plan-package.js';

const ROWS = 16;

/**
 * Runs the model as it came and the package on the same rows, each in a process of its own, and compares every bit of what
 * both give. Null when all is equal, else what is not.
 */
export async function checkAdapted(
  paths: { readonly original: string; readonly adapted: string },
  { signature, adapter }: PackagePlan,
): Promise<string | null> {
  const isUnsigned = adapter.feeds.some(({ datatype }) => datatype === 'UINT8');
  const columns = signature.inputs.map((input, at) => {
    const cells = sampleCells(input, at);
    // A cast of what is below zero to an unsigned number is undefined.
    return { ...input, cells: isUnsigned ? cells.map((cell) => Math.abs(Number(cell))) : cells };
  });
  const adapted = await probeModel(paths.adapted, { goldenInputs: columns.map((column) => tensorOf(column)) });
  const original = await probeModel(paths.original, {
    goldenInputs: adapter.feeds.map((feed) => {
      const cells = feed.columns.map((name) => columns.find((column) => column.name === name)?.cells ?? []);
      const rows = Array.from({ length: ROWS }, (_, row) => cells.map((column) => column[row] as number | string));
      return {
        name: feed.input,
        datatype: feed.datatype,
        shape: [ROWS, ...(feed.shape?.slice(1) ?? [cells.length])],
        data: dataOf(rows.flat(), feed),
      };
    }),
  });
  for (const { name, from } of adapter.outputs) {
    const before = original.goldenOutputs?.find((tensor) => tensor.name === from);
    const after = adapted.goldenOutputs?.find((tensor) => tensor.name === name);
    if (after === undefined) return `its package does not give ${name}.`;
    // What only went into a ZipMap is no output of the original.
    if (before !== undefined && !equalData(before.data, after.data))
      return `its package gives another ${name} than it does.`;
  }
  return null;
}

/** Some ordinary cells, the same every time. */
function sampleCells({ type, categories = ['a', 'b'] }: ModelInput, column: number): (number | string)[] {
  return Array.from({ length: ROWS }, (_, row) => {
    const at = (row * 7 + column * 3) % ROWS;
    if (type === 'string') return categories[at % categories.length] ?? '';
    if (type === 'boolean') return at % 2;
    return type === 'integer' ? at - 4 : Math.fround(at * 0.75 - 4);
  });
}

function tensorOf({ name, type, cells }: ModelInput & { cells: (number | string)[] }): NamedTensor {
  const datatype = type === 'string' ? 'BYTES' : 'FP32';
  return { name, datatype, shape: [ROWS, 1], data: dataOf(cells, { datatype }) };
}

function dataOf(cells: readonly (number | string)[], { datatype }: Pick<NamedTensor, 'datatype'>): TensorData {
  switch (datatype) {
    case 'BYTES':
      return cells.map(String);
    case 'INT64':
      return BigInt64Array.from(cells, (cell) => BigInt(cell));
    case 'INT32':
      return Int32Array.from(cells, Number);
    case 'INT8':
      return Int8Array.from(cells, Number);
    case 'UINT8':
      return Uint8Array.from(cells, Number);
    case 'BOOL':
      return Uint8Array.from(cells, Number);
    default:
      return Float32Array.from(cells, Number);
  }
}

function equalData(a: TensorData, b: TensorData): boolean {
  // Whole numbers that became floats are compared as those.
  const cellOf = (value: unknown, other: unknown) =>
    typeof value === 'bigint' && typeof other === 'number' ? Number(value) : value;
  const cells = Array.from(a as ArrayLike<unknown>);
  return a.length === b.length && cells.every((value, at) => Object.is(cellOf(value, b[at]), b[at]));
}
