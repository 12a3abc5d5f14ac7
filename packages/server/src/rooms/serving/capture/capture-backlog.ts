import type { SegmentFile, Waiting } from './capture-types.js';

export interface BacklogOptions {
  /** Of one endpoint. */
  readonly maxBytes: number;
  readonly onWaiting: (endpoint: string, waiting: Waiting) => void;
  /** Its rows are not to be taken any more, or again. */
  readonly onFull: (endpoint: string, isFull: boolean) => void;
}

/** Rows are taken again when so much of the bound is free: not at every segment, as each time all processes are told. */
const FREE_RATIO = 0.1;

/** Sealed segments that are not compacted yet, with their bytes per endpoint and whether those are more than may wait. */
export class CaptureBacklog {
  readonly #options: BacklogOptions;
  readonly #segments = new Map<string, SegmentFile & { readonly sizeBytes: number }>();
  readonly #full = new Set<string>();

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  /** In the order in which they were sealed. */
  segments(): SegmentFile[] {
    return [...this.#segments.values()];
  }

  has(id: string): boolean {
    return this.#segments.has(id);
  }

  /** Of all endpoints. */
  get bytes(): number {
    return sumOf([...this.#segments.values()]);
  }

  add(segment: SegmentFile, sizeBytes: number): void {
    this.#segments.set(segment.id, { ...segment, sizeBytes });
    this.#judge(segment.endpoint);
  }

  delete({ id, endpoint }: SegmentFile): void {
    if (this.#segments.delete(id)) this.#judge(endpoint);
  }

  /** Endpoints whose rows are not to be taken. */
  full(): readonly string[] {
    return [...this.#full];
  }

  waiting(endpoint: string): Waiting {
    const own = [...this.#segments.values()].filter((segment) => segment.endpoint === endpoint);
    return { segments: own.length, bytes: sumOf(own) };
  }

  #judge(endpoint: string): void {
    const { maxBytes, onWaiting, onFull } = this.#options;
    const waiting = this.waiting(endpoint);
    onWaiting(endpoint, waiting);
    const wasFull = this.#full.has(endpoint);
    const isFull = waiting.bytes > maxBytes * (wasFull ? 1 - FREE_RATIO : 1);
    if (isFull === wasFull) return;
    if (isFull) this.#full.add(endpoint);
    else this.#full.delete(endpoint);
    onFull(endpoint, isFull);
  }
}

const sumOf = (segments: readonly { readonly sizeBytes: number }[]) =>
  segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
