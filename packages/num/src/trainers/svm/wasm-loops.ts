import { svmModule } from '../../wasm/svm.wasm.js';
import { instantiateWasm, type WasmMemory } from '../../wasm/webassembly.js';
import { FLAT, type RowToFill, type SmoLoops } from './smo-loops.js';

type FillFunction = (
  columns: number,
  stride: number,
  width: number,
  own: number,
  out: number,
  from: number,
  to: number,
  squares: number,
  square: number,
  gamma: number,
  table: number,
) => void;

interface SvmFunctions {
  readonly fillSingle: FillFunction;
  readonly fillDouble: FillFunction;
  addScaled(sums: number, values: number, factor: number, to: number): void;
  addRow(sums: number, row: number, factor: number, from: number, to: number): void;
  secondOfPair(
    low: number,
    diagonal: number,
    row: number,
    active: number,
    best: number,
    own: number,
    flat: number,
    found: number,
  ): number;
  movePair(
    low: number,
    up: number,
    first: number,
    second: number,
    active: number,
    moveFirst: number,
    moveSecond: number,
    found: number,
  ): number;
}

/** The loops over arrays that stand in `memory`. @param table `EXP_TABLE` in that memory too */
export function wasmLoops(memory: WasmMemory, table: Float64Array): SmoLoops {
  const functions = instantiateWasm<SvmFunctions>(svmModule, memory);
  const fill = (run: FillFunction, row: RowToFill, out: Float32Array | Float64Array): void => {
    const { columns, own, from, to, gamma = -1 } = row;
    const { values, squares, stride, width } = columns;
    run(
      values.byteOffset,
      8 * stride,
      width,
      own.values.byteOffset,
      out.byteOffset,
      from,
      to,
      squares.byteOffset,
      own.square,
      gamma,
      table.byteOffset,
    );
  };
  return {
    fillSingle: (row, out) => fill(functions.fillSingle, row, out),
    fillDouble: (row, out) => fill(functions.fillDouble, row, out),
    addScaled: (sums, values, factor, count) => functions.addScaled(sums.byteOffset, values.byteOffset, factor, count),
    addRow: (sums, row, factor, { from, to }) => functions.addRow(sums.byteOffset, row.byteOffset, factor, from, to),
    secondOfPair: ({ low, diagonal, active, found }, row, { best, own }) =>
      functions.secondOfPair(
        low.byteOffset,
        diagonal.byteOffset,
        row.byteOffset,
        active,
        best,
        own,
        FLAT,
        found.byteOffset,
      ),
    movePair: ({ low, up, active, found }, { first, second, moveFirst, moveSecond }) =>
      functions.movePair(
        low.byteOffset,
        up.byteOffset,
        first.byteOffset,
        second.byteOffset,
        active,
        moveFirst,
        moveSecond,
        found.byteOffset,
      ),
  };
}
