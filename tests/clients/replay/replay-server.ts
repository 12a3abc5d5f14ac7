import { IGNORED_FIELDS } from './differences.js';
import type { ReplayRequest } from './request-types.js';

/** What a server answered, with what is its own (ids, times, names it made up) replaced by words. */
export interface ReplayAnswer {
  readonly status: number;
  readonly body: unknown;
}

const MADE_UP_NAME = /^[a-z]+-[a-z]+-\d+$/;
const HEX_ID = /\b(m-)?[0-9a-f]{32}\b/g;
/** Lists that are sets: their order means nothing. */
const SETS: Readonly<Record<string, string>> = {
  tags: 'key',
  params: 'key',
  metrics: 'key',
  aliases: 'alias',
  dataset_summaries: 'name',
  latest_versions: 'version',
  files: 'path',
};

/** One server under replay: remembers what its answers gave, as the next requests ask for it by its ids. */
export class ReplayServer {
  readonly #known = new Map<string, string>();
  readonly #base: string;
  readonly #startedAtMs = Date.now();
  #sets: Readonly<Record<string, string>> = SETS;

  constructor(base: string) {
    this.#base = base;
  }

  async send(request: ReplayRequest): Promise<ReplayAnswer> {
    const path = this.#fill(request.path);
    const url = this.#base + (path.startsWith('/') ? path : `/api/2.0/mlflow/${path}`);
    const raw = typeof request.body === 'string';
    const body = raw
      ? String(request.body)
      : request.body === undefined
        ? undefined
        : this.#fill(JSON.stringify(request.body));
    const type = raw ? 'application/octet-stream' : 'application/json';
    const response = await fetch(url, {
      method: request.method,
      headers: { ...(body !== undefined && { 'content-type': type }), ...request.headers },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    const answer = parse(text);
    if (response.ok) {
      for (const [name, way] of Object.entries(request.save ?? {})) this.#remember(name, valueAt(answer, way));
    }
    this.#sets = { ...SETS, ...request.unordered };
    return { status: response.status, body: response.ok ? this.#normalise(answer) : errorOf(answer) };
  }

  #remember(name: string, value: unknown): void {
    if (value !== undefined) this.#known.set(name, String(value));
  }

  #fill(text: string): string {
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => this.#known.get(name) ?? whole);
  }

  #normalise(value: unknown, key = '', parent = ''): unknown {
    if (Array.isArray(value)) return this.#normaliseList(value, key, parent);
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value)
        .filter(([name]) => IGNORED_FIELDS[name] === undefined)
        .map(([name, each]) => [name, this.#normalise(each, name, key)] as const);
      return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    if (key === 'next_page_token') return '<token>';
    if (key === 'experiment_id') return this.#nameOf(String(value));
    if (typeof value === 'number') return this.#isNow(value) ? '<now>' : value;
    return typeof value === 'string' ? this.#normaliseText(value) : value;
  }

  #normaliseList(list: readonly unknown[], key: string, parent: string): unknown {
    const values = list.map((each) => this.#normalise(each, '', key));
    // The metrics of a run are a set, its history is not.
    const by = key === 'metrics' && parent !== 'data' ? undefined : this.#sets[key];
    if (by === undefined) return values;
    const text = (value: unknown) => `${String(Object(value)[by])} ${JSON.stringify(value)}`;
    return values.sort((a, b) => (text(a) < text(b) ? -1 : 1));
  }

  #normaliseText(text: string): unknown {
    if (/^\d{13}$/.test(text) && this.#isNow(Number(text))) return '<now>';
    if (MADE_UP_NAME.test(text)) return '<made-up name>';
    let out = text.replaceAll(this.#base, '<server>');
    for (const [name, value] of this.#known) if (value.length > 8) out = out.replaceAll(value, `<${name}>`);
    for (const name of ['experiment', 'second']) {
      const value = this.#known.get(name);
      // Ids of experiments are short numbers: only parts of an address are taken for one.
      if (value !== undefined) out = out.replace(new RegExp(`(?<=:?/)${value}(?=$|/)`, 'g'), `<${name}>`);
    }
    return out.replace(HEX_ID, '<id>');
  }

  /** An id of an experiment that an earlier answer gave, by its name here. */
  #nameOf(id: string): string {
    const [name] = [...this.#known].find(([, value]) => value === id) ?? [];
    return name === undefined ? (id === '0' ? id : '<other>') : `<${name}>`;
  }

  #isNow(value: number): boolean {
    return Math.abs(value - this.#startedAtMs) < 3_600_000;
  }
}

/** Words for people differ between the two; the code is what programs read. */
function errorOf(answer: unknown): unknown {
  const code = Object(answer).error_code;
  return code === undefined ? '<no error_code>' : { error_code: code };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function valueAt(answer: unknown, way: string): unknown {
  return way.split('.').reduce<unknown>((value, key) => Object(value)[key], answer);
}
