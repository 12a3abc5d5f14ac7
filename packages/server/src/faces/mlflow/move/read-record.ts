import { moveErrors } from './move-errors.js';

/** Fields of one untrusted record, wherever it came from: a YAML file, a row or a JSON answer. */
export interface RecordReader {
  /** Not empty. Throws MOVE_RECORD_BROKEN. */
  text(name: string): string;
  /** "" when absent. */
  optionalText(name: string): string;
  /** Null when absent; throws MOVE_RECORD_BROKEN when it is no whole number below 2^53. */
  whole(name: string): number | null;
  refuse(why: string): Error;
}

export function readRecord(record: Readonly<Record<string, unknown>>, place: string): RecordReader {
  const refuse = (why: string) =>
    moveErrors.MOVE_RECORD_BROKEN(`${place} cannot be read: ${why}.`, { data: { place } });
  const optionalText = (name: string) => {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (value === null || value === undefined) return '';
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    throw refuse(`"${name}" is no text`);
  };
  return {
    optionalText,
    refuse,
    text: (name) => {
      const text = optionalText(name);
      if (text === '') throw refuse(`"${name}" is missing`);
      return text;
    },
    whole: (name) => {
      const text = optionalText(name);
      if (text === '') return null;
      const value = Number(text);
      if (/^-?\d+(?:\.0+)?$/.test(text) && Number.isSafeInteger(value)) return value;
      throw refuse(`"${name}" is ${JSON.stringify(text.slice(0, 40))} and no whole number`);
    },
  };
}

const RUN_ID = /^[a-zA-Z0-9][\w-]{0,255}$/;
const MODEL_ID = /^m-[\w-]{1,64}$/;

/** Ids become parts of addresses and of paths: they are judged before anything is done with them. */
export const isRunId = (id: string) => RUN_ID.test(id);
export const isModelId = (id: string) => MODEL_ID.test(id);

const STATUSES = ['running', 'scheduled', 'finished', 'failed', 'killed'] as const;

/** By name, or by the number that the folder store writes; unknown ones count as running, as MLflow itself takes them. */
export function readStatus(text: string, reader: RecordReader): (typeof STATUSES)[number] {
  if (text === '') return 'running';
  const byNumber = /^[1-5]$/.test(text) ? STATUSES[Number(text) - 1] : undefined;
  const byName = STATUSES.find((status) => status === text.toLowerCase());
  const found = byNumber ?? byName;
  if (found === undefined) throw reader.refuse(`status ${JSON.stringify(text.slice(0, 40))} is none that MLflow has`);
  return found;
}

export function readLifecycle(text: string): 'active' | 'deleted' {
  return text === 'deleted' ? 'deleted' : 'active';
}

const MODEL_STATUSES = { 1: 'pending', 2: 'ready', 3: 'failed' } as const;

export function readModelStatus(text: string): 'pending' | 'ready' | 'failed' {
  const known: Readonly<Record<string, 'pending' | 'ready' | 'failed'>> = {
    ...MODEL_STATUSES,
    LOGGED_MODEL_PENDING: 'pending',
    LOGGED_MODEL_READY: 'ready',
    LOGGED_MODEL_UPLOAD_FAILED: 'failed',
  };
  return Object.hasOwn(known, text) ? (known[text] ?? 'pending') : 'pending';
}

const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;

/** The stage, and whether the version is there only for its number. */
export function readStage(text: string, reader: RecordReader) {
  if (text === 'Deleted_Internal') return { stage: 'None', lifecycle: 'deleted' } as const;
  const stage = text === '' ? 'None' : STAGES.find((one) => one.toLowerCase() === text.toLowerCase());
  if (stage === undefined) throw reader.refuse(`stage ${JSON.stringify(text.slice(0, 40))} is none that MLflow has`);
  return { stage, lifecycle: 'active' } as const;
}

/** Numbers as Python prints them: `nan`, `inf`, `-inf` too. Undefined when it is none. */
export function readPythonNumber(text: string): number | undefined {
  const word = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (word !== null) {
    if (word[2]?.toLowerCase() === 'nan') return Number.NaN;
    return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
