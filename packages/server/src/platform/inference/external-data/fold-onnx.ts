import { inferenceErrors } from '../inference-errors.js';
import { fieldsOf } from '../onnx-metadata.js';
import { bytesHeader } from '../protobuf-fields.js';
import { checkSideFiles, type OpenSideFile, type SideFile } from './check-side-files.js';
import { DATA_LOCATION, EXTERNAL_DATA, type ExternalTensor, RAW_DATA, readExternalTensor } from './external-tensor.js';

/** A model of several files as the one file that it is equal to. */
export interface FoldedOnnx {
  readonly sizeBytes: number;
  /** Paths of its side files below the model's folder, in the order in which the graph names them. */
  readonly paths: readonly string[];
  /** The bytes of the one file. Side files are read while it is written: memory stays flat. */
  bytes(): AsyncGenerator<Uint8Array>;
}

/** A protobuf message, so an ONNX file too, has fewer bytes than this. */
export const MAX_ONNX_BYTES = 2 ** 31 - 1;

/** Graphs in nodes of graphs nest; a file that nests deeper than this was made to do harm. */
const MAX_DEPTH = 64;

/** Nodes are small; they leave together. */
const WRITE_BYTES = 65_536;

/** Where tensors can stand. Field numbers: onnx/onnx.proto. */
type Kind = 'model' | 'graph' | 'node' | 'attribute' | 'tensor' | 'sparse' | 'function' | 'training';
const PARTS: Readonly<Record<Exclude<Kind, 'tensor'>, Readonly<Record<number, Kind>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  function: { 7: 'node', 11: 'attribute' },
  training: { 1: 'graph', 2: 'graph' },
};

interface Built {
  readonly pieces: readonly (Uint8Array | ExternalTensor)[];
  readonly sizeBytes: number;
}

/** The paths of the side files that a model names; empty: it is one file. @throws as {@link foldOnnx} */
export function sideFilesOf(model: Uint8Array): readonly string[] {
  return pathsOf(foldMessage(model, 'model', 0));
}

/**
 * Puts the tensors that stand in files beside a model into the model. Everything else of it stays as it was, byte for byte, so equal
 * files give equal bytes. Every tensor's place is checked before the first byte is given.
 *
 * @returns null for a model that is one file already
 * @throws INF_MODEL_INVALID, INF_EXTERNAL_PATH, INF_EXTERNAL_MISSING, INF_EXTERNAL_RANGE, INF_EXTERNAL_CHECKSUM, INF_EXTERNAL_TOO_LARGE
 */
export async function foldOnnx(model: Uint8Array, open: OpenSideFile): Promise<FoldedOnnx | null> {
  const built = foldMessage(model, 'model', 0);
  if (built === undefined) return null;
  const { pieces, sizeBytes } = built;
  if (sizeBytes > MAX_ONNX_BYTES) {
    throw inferenceErrors.INF_EXTERNAL_TOO_LARGE(
      `With its side files the model has ${sizeBytes} bytes, expected at most ${MAX_ONNX_BYTES}.`,
      { data: { got: sizeBytes, expected: MAX_ONNX_BYTES } },
    );
  }
  const files = await checkSideFiles(pieces.filter(isExternal), open);
  return { sizeBytes, paths: pathsOf(built), bytes: () => readPieces(pieces, files) };
}

async function* readPieces(pieces: Built['pieces'], files: ReadonlyMap<string, SideFile>): AsyncGenerator<Uint8Array> {
  let gathered: Uint8Array[] = [];
  let gatheredBytes = 0;
  const give = () => {
    const joined = Buffer.concat(gathered);
    [gathered, gatheredBytes] = [[], 0];
    return joined;
  };
  for (const piece of pieces) {
    if (!isExternal(piece)) {
      gathered.push(piece);
      gatheredBytes += piece.length;
      if (gatheredBytes >= WRITE_BYTES) yield give();
    } else if (piece.end > piece.start) {
      yield give();
      yield* (files.get(piece.path) as SideFile).read(piece);
    }
  }
  yield give();
}

const isExternal = (piece: Uint8Array | ExternalTensor): piece is ExternalTensor => !(piece instanceof Uint8Array);

function pathsOf(built: Built | undefined): string[] {
  return [...new Set(built?.pieces.filter(isExternal).map(({ path }) => path))];
}

/** Undefined: nothing in it stands in a side file, so that it stays as it is. */
function foldMessage(message: Uint8Array, kind: Kind, depth: number): Built | undefined {
  if (kind === 'tensor') return foldTensor(message);
  if (depth > MAX_DEPTH)
    throw inferenceErrors.INF_MODEL_INVALID(`The graphs of the model nest deeper than ${MAX_DEPTH}.`);
  const pieces: (Uint8Array | ExternalTensor)[] = [];
  let [sizeBytes, changed] = [0, false];
  for (const { number, bytes, raw } of fieldsOf(message)) {
    const part = PARTS[kind][number];
    const folded = part === undefined || bytes === undefined ? undefined : foldMessage(bytes, part, depth + 1);
    if (folded === undefined) {
      pieces.push(raw);
      sizeBytes += raw.length;
      continue;
    }
    changed = true;
    const header = bytesHeader(number, folded.sizeBytes);
    pieces.push(header);
    for (const piece of folded.pieces) pieces.push(piece);
    sizeBytes += header.length + folded.sizeBytes;
  }
  return changed ? { pieces, sizeBytes } : undefined;
}

function foldTensor(tensor: Uint8Array): Built | undefined {
  const external = readExternalTensor(tensor);
  if (external === null) return undefined;
  const kept = [...fieldsOf(tensor)]
    .filter(({ number }) => number !== RAW_DATA && number !== EXTERNAL_DATA && number !== DATA_LOCATION)
    .map(({ raw }) => raw);
  const header = bytesHeader(RAW_DATA, external.end - external.start);
  const ownBytes = kept.reduce((sum, { length }) => sum + length, header.length);
  return { pieces: [...kept, header, external], sizeBytes: ownBytes + external.end - external.start };
}
