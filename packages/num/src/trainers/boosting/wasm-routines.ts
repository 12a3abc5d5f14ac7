import { boostingModule } from '../../wasm/boosting.wasm.js';
import { instantiateWasm, type WasmMemory } from '../../wasm/webassembly.js';
import { writeGradients } from './boosting-gradients.js';
import {
  type BoostingRoutines,
  GATHERED_BYTES,
  type PartPlaces,
  type RowsToPart,
  WHOLES_BYTES,
  WORD_FEATURES,
  wordsStart,
} from './boosting-routines.js';
import { BINS, type BoostingState } from './boosting-state.js';

/** packages/num/wasm/boosting.ts */
interface BoostingFunctions {
  countBins(
    order: number,
    many: number,
    first: number,
    words: number,
    shift: number,
    width: number,
    pairs: number,
    sums: number,
    counts: number,
    gathered: number,
    wholes: number,
    quantum: number,
  ): void;
  numberRows(order: number, from: number, to: number): void;
  partForward(...parting: number[]): number;
  partBackward(...parting: number[]): number;
  countLeft(from: number, column: number, goesLeft: number, first: number, last: number): number;
  addToRows(raw: number, order: number, from: number, to: number, value: number): void;
  logisticGradients(raw: number, target: number, weights: number, ...of: number[]): void;
}

/** The routines by WebAssembly: an array's byteOffset is its address in `memory`. */
export function createWasmRoutines(state: BoostingState, memory: WasmMemory): BoostingRoutines {
  const wasm = instantiateWasm<BoostingFunctions>(boostingModule, memory);
  const { rowCount, featureCount } = state;
  const raw = state.raw.byteOffset;
  const pairs = state.gradients.byteOffset;
  const words = state.words.byteOffset;
  const sums = state.sums.byteOffset;
  // The first array of the heap is `raw`, so no other has the address 0, which means absent.
  const counts = state.constantHessian ? 0 : state.counts.byteOffset;
  const weights = state.weights?.byteOffset ?? 0;
  const logistic = state.loss.kind === 'log_loss' && state.outputCount === 1;
  const part = ({ from, to, feature, first, last }: RowsToPart, { left, right }: PartPlaces) =>
    [
      from.byteOffset,
      to.byteOffset,
      state.bins.byteOffset + feature * rowCount,
      state.goesLeft.byteOffset,
      first,
      last,
      left,
      right,
    ] as const;
  return {
    writeGradients: (from, to) => {
      if (logistic) wasm.logisticGradients(raw, state.target.byteOffset, weights, pairs, from, to, state.quantum);
      else writeGradients(state, from, to);
    },
    numberRows: (order, from, to) => wasm.numberRows(order.byteOffset, from, to),
    countRun: ({ order, start, end, inOrder }, { first, width }, { slot, output, member }) => {
      const cell = (slot * featureCount + first) * BINS;
      wasm.countBins(
        order.byteOffset + 4 * start,
        end - start,
        inOrder ? start : -1,
        words + wordsStart(state, first),
        8 * (first % WORD_FEATURES),
        width,
        pairs + 8 * output * rowCount,
        sums + 16 * cell,
        counts === 0 ? 0 : counts + 4 * cell,
        state.gathered.byteOffset + GATHERED_BYTES * member,
        state.wholes.byteOffset + WHOLES_BYTES * member,
        state.quantum,
      );
    },
    partForward: (rows, places) => wasm.partForward(...part(rows, places)),
    partBackward: (rows, places) => wasm.partBackward(...part(rows, places)),
    countLeft: ({ from, feature, first, last }) =>
      wasm.countLeft(
        from.byteOffset,
        state.bins.byteOffset + feature * rowCount,
        state.goesLeft.byteOffset,
        first,
        last,
      ),
    addToRows: ({ order, start, end }, output, value) =>
      wasm.addToRows(raw + 8 * output * rowCount, order.byteOffset, start, end, value),
  };
}
