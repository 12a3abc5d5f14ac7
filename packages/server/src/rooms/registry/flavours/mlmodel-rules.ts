import { parseDocument } from 'yaml';

/** A column or tensor as an MLmodel file declares it. */
export interface DeclaredField {
  /** Absent: a tensor that is the only one. */
  readonly name: string | null;
  /** `double`, `long`, `string`, … or `tensor`. */
  readonly type: string;
  readonly required: boolean;
  /** Of a tensor; -1: any. */
  readonly shape: readonly number[] | null;
  /** Of a tensor: numpy's name of its type. */
  readonly dtype: string | null;
}

/** What this server reads from an MLmodel file; the rest is for the libraries that wrote it. */
export interface MlModel {
  readonly flavours: readonly string[];
  /** Path of the ONNX file below the MLmodel's folder. */
  readonly onnxPath: string | null;
  readonly inputs: readonly DeclaredField[] | null;
  readonly outputs: readonly DeclaredField[] | null;
  /** Of a classifier, from the file's metadata (`fairlead.labels`), as text; null: it does not say. */
  readonly labels: readonly string[] | null;
}

const MAX_FLAVOURS = 100;
const MAX_FIELDS = 10_000;

/**
 * Reads an MLmodel file. It is data from outside: only the types of YAML's core schema, no tags, hardly an alias, and nothing
 * of it is ever executed.
 */
export function parseMlModel(text: string): MlModel | { readonly problem: string } {
  let root: unknown;
  try {
    const document = parseDocument(text, {
      schema: 'core',
      merge: false,
      strict: true,
      uniqueKeys: true,
      logLevel: 'silent',
    });
    const [error] = document.errors;
    if (error !== undefined) return { problem: `the MLmodel file is no YAML: ${error.message.split('\n')[0]}` };
    root = document.toJS({ maxAliasCount: 10 });
  } catch (error) {
    return { problem: `the MLmodel file cannot be read: ${error instanceof Error ? error.message : 'no YAML'}` };
  }
  if (!isMap(root) || !isMap(root.flavors)) return { problem: 'the MLmodel file has no map `flavors`' };
  const flavours = Object.keys(root.flavors);
  if (flavours.length > MAX_FLAVOURS || flavours.some((name) => name.length > 100)) {
    return { problem: 'the MLmodel file has more or longer flavours than anybody can mean' };
  }
  const onnx = root.flavors.onnx;
  const path = isMap(onnx) ? (onnx.data ?? 'model.onnx') : null;
  const signature = isMap(root.signature) ? root.signature : {};
  return {
    flavours: flavours.sort(),
    onnxPath: typeof path === 'string' && isPlainPath(path) ? path : null,
    inputs: fieldsOf(signature.inputs),
    outputs: fieldsOf(signature.outputs),
    labels: labelsOf(root.metadata),
  };
}

function labelsOf(metadata: unknown): string[] | null {
  const list = isMap(metadata) ? metadata['fairlead.labels'] : undefined;
  if (!Array.isArray(list) || list.length === 0 || list.length > MAX_FIELDS) return null;
  const labels = list.map(String);
  const plain = list.every((label) => ['string', 'number', 'boolean'].includes(typeof label));
  return plain && new Set(labels).size === labels.length ? labels : null;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The folder is the model's own: nothing above it is looked at. */
function isPlainPath(path: string): boolean {
  return (
    path !== '' && !/[\\%]|^\/|\/\/|\/$/.test(path) && !path.split('/').some((part) => part === '..' || part === '.')
  );
}

/** MLflow keeps each side of a signature as JSON text. What cannot be read is as if it was not there. */
function fieldsOf(text: unknown): DeclaredField[] | null {
  if (typeof text !== 'string') return null;
  try {
    const list: unknown = JSON.parse(text);
    if (!Array.isArray(list) || list.length > MAX_FIELDS) return null;
    return list.map((field: unknown) => {
      if (!isMap(field) || typeof field.type !== 'string') throw new Error('no field');
      const spec = isMap(field['tensor-spec']) ? field['tensor-spec'] : {};
      const shape = Array.isArray(spec.shape) ? spec.shape.map(Number) : null;
      const name = typeof field.name === 'string' ? field.name : null;
      const dtype = typeof spec.dtype === 'string' ? spec.dtype : null;
      return { name, type: field.type, required: field.required !== false, shape, dtype };
    });
  } catch {
    return null;
  }
}
