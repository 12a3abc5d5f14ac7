import { isReservedName } from '@fairlead/num';
import type { ModelInput, ModelSignature } from '../../training/index.js';
import type { DeclaredField, MlModel } from './mlmodel-rules.js';

type Planned = { readonly signature: ModelSignature } | { readonly problem: string };

/** A wider tensor is no list of columns. */
const MAX_COLUMNS = 10_000;

const TYPES: Readonly<Record<string, ModelInput['type']>> = {
  ...{ double: 'number', float: 'number', integer: 'integer', long: 'integer' },
  ...{ boolean: 'boolean', string: 'string', datetime: 'timestamp' },
};

/** The key in the metadata of an MLmodel file under which the labels of a classifier stand, in the order of its probabilities. */
const LABELS_KEY = 'fairlead.labels';

/**
 * What a model reads and gives that only a program of the user's can load: what its MLmodel file says. A signature has no labels, so a
 * classifier of texts names them in the file's metadata.
 */
export function planFolder({ inputs, outputs, labels: declared }: MlModel): Planned {
  if (inputs === null || inputs.length === 0) {
    return {
      problem:
        'its MLmodel file has no signature of its inputs; log it with signature=infer_signature(X, model.predict(X)).',
    };
  }
  const columns = columnsOf(inputs);
  if ('problem' in columns) return columns;
  const labels = declared ?? (outputs?.length === 1 && outputs[0]?.type === 'boolean' ? ['false', 'true'] : []);
  const text = outputs?.find(({ type, dtype }) => type === 'string' || dtype === 'str' || dtype === 'object');
  if (labels.length === 0 && text !== undefined) {
    return {
      problem: `it answers with texts and its MLmodel file does not say which there are; log it with metadata={"${LABELS_KEY}": [...]}.`,
    };
  }
  const task = labels.length > 0 ? 'classification' : 'regression';
  const names = columns.inputs.map(({ name }) => name);
  const known = new Set(names);
  const odd =
    known.size < names.length
      ? names.find((name, at) => names.indexOf(name) !== at)
      : names.find((name) => isReservedName(name, task));
  if (odd !== undefined)
    return { problem: `its column '${odd}' stands twice or has a name that packages use themselves.` };
  const target = outputs?.[0]?.name;
  return {
    signature: {
      task,
      inputs: columns.inputs,
      target: target == null || known.has(target) ? 'prediction' : target,
      labels,
      contextColumns: [],
      ...(columns.tensor !== null && { tensor: columns.tensor }),
    },
  };
}

type Columns = { readonly inputs: readonly ModelInput[]; readonly tensor: { readonly name: string | null } | null };

function columnsOf(fields: readonly DeclaredField[]): Columns | { readonly problem: string } {
  if (fields.some(({ type }) => type === 'tensor')) return tensorOf(fields);
  const odd = fields.find(({ type, name }) => TYPES[type] === undefined || name === null);
  if (odd !== undefined) {
    return {
      problem: `its column ${odd.name ?? 'without a name'} is of the type ${odd.type}; endpoints read ${Object.keys(TYPES).join(', ')}.`,
    };
  }
  const inputs = fields.map(({ name, type, required }): ModelInput => {
    return { name: name ?? '', type: TYPES[type] ?? 'number', nullable: !required };
  });
  return { inputs, tensor: null };
}

/** One tensor [-1, k] of numbers: k columns `NAME_0`, `NAME_1`, … */
function tensorOf(fields: readonly DeclaredField[]): Columns | { readonly problem: string } {
  const [field] = fields;
  const [rows, width = 0, ...more] = field?.shape ?? [];
  const isNumber = /^(float|u?int)\d+$/.test(field?.dtype ?? '');
  if (
    field === undefined ||
    fields.length > 1 ||
    rows !== -1 ||
    more.length > 0 ||
    !(width >= 1 && width <= MAX_COLUMNS) ||
    !isNumber
  ) {
    const list = fields.map(({ name, dtype, shape }) => `${name ?? 'one'} ${dtype ?? ''} [${shape?.join(', ') ?? ''}]`);
    return {
      problem: `its signature has the tensors ${list.slice(0, 10).join('; ')}; endpoints read columns, or one tensor of numbers [-1, columns].`,
    };
  }
  const type = field.dtype?.startsWith('float') ? 'number' : 'integer';
  const base = field.name ?? 'input';
  const inputs = Array.from({ length: width }, (_, at): ModelInput => {
    return { name: width === 1 ? base : `${base}_${at}`, type, nullable: false };
  });
  return { inputs, tensor: { name: field.name } };
}
