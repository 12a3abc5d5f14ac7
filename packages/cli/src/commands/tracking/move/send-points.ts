import type { RunInventoryView } from '@fairlead/contracts';
import type { PointsDigest, SeriesPart, SourceRun } from '@fairlead/server';
import type { Move } from './move-types.js';

const POINTS_AT_ONCE = 20_000;

/** By key, of all points that were read. */
export type SeriesDigests = ReadonlyMap<string, PointsDigest>;

type Part = SeriesPart & { readonly runId: string };

/** Collects points of many runs and sends them in requests of equal size. */
export class PointSender {
  #waiting: Part[] = [];
  #count = 0;

  readonly #move: Move;

  constructor(move: Move) {
    this.#move = move;
  }

  /** Reads all points of a run and sends those of series that are not here as they are in the source. */
  async sendRun(run: SourceRun, before: RunInventoryView | undefined): Promise<SeriesDigests> {
    const digests = new Map<string, PointsDigest>();
    // Of a run that was here before, series are compared first: most have come already.
    const mayBeHere = (before?.series.length ?? 0) > 0;
    for await (const part of this.#move.source.points(run)) {
      const digest = digests.get(part.key) ?? this.#move.tools.pointsDigest();
      digests.set(part.key, digest);
      digest.add(part.points);
      if (!mayBeHere) await this.#add({ ...part, runId: run.id });
    }
    if (!mayBeHere) return digests;
    const missing = new Set([...digests].filter(([key, digest]) => !isHere(before, key, digest)).map(([key]) => key));
    if (missing.size === 0) return digests;
    for await (const part of this.#move.source.points(run)) {
      if (missing.has(part.key)) await this.#add({ ...part, runId: run.id });
    }
    return digests;
  }

  async flush(): Promise<void> {
    const parts = this.#waiting;
    this.#waiting = [];
    this.#count = 0;
    await this.#send(parts);
  }

  /** Counts what is here now. Equal points stand in a folder twice and here once: then distinct ones are counted. */
  async compare(
    run: SourceRun,
    states: { read: SeriesDigests; before: RunInventoryView | undefined; after: RunInventoryView | undefined },
  ): Promise<void> {
    const { tally } = this.#move;
    for (const [key, digest] of states.read) {
      tally.add('series', 'found');
      tally.add('points', 'found', digest.points);
      const done = isHere(states.before, key, digest) ? 'already' : 'moved';
      const here = states.after?.series.find((one) => one.key === key);
      if (isHere(states.after, key, digest) || (await this.#isHereOnce(run, key, states.after))) {
        tally.add('series', done);
        tally.add('points', done, here?.points ?? 0);
        continue;
      }
      const place = `run ${run.id}, metric ${key}`;
      tally.differ('series', place, [`${here?.points ?? 0} points are here and ${digest.points} there`]);
      tally.add('points', 'differs', Math.max(1, Math.abs(digest.points - (here?.points ?? 0))));
    }
  }

  async #isHereOnce(run: SourceRun, key: string, after: RunInventoryView | undefined): Promise<boolean> {
    const seen = new Set<string>();
    const distinct = this.#move.tools.pointsDigest();
    for await (const part of this.#move.source.points(run)) {
      if (part.key !== key) continue;
      const fresh = part.points.filter(({ step, timestampMs, value }) => {
        const text = `${step} ${timestampMs} ${value}`;
        return !seen.has(text) && seen.add(text);
      });
      distinct.add(fresh);
    }
    return isHere(after, key, distinct);
  }

  async #add(part: Part): Promise<void> {
    for (let start = 0; start < part.points.length; start += POINTS_AT_ONCE) {
      const points = part.points.slice(start, start + POINTS_AT_ONCE);
      if (this.#count + points.length > POINTS_AT_ONCE) await this.flush();
      this.#waiting.push({ ...part, points });
      this.#count += points.length;
    }
  }

  /** A series that is refused does not take the others with it. */
  async #send(parts: readonly Part[]): Promise<void> {
    if (parts.length === 0) return;
    const { client, signal, tools, tally } = this.#move;
    const series = parts.map(({ runId, key, points }) => ({
      runId,
      key,
      steps: points.map(({ step }) => step),
      timestampsMs: points.map(({ timestampMs }) => timestampMs),
      values: points.map(({ value }) => toWire(value)),
    }));
    try {
      await client.imports.points({ series }, { signal });
    } catch (error) {
      const refusal = tools.refusalOf(error);
      const [first, ...rest] = parts;
      if (first === undefined) return;
      if (rest.length === 0) {
        tally.tell({ kind: 'series', place: `run ${first.runId}, metric ${first.key}`, problem: refusal });
        return;
      }
      const half = Math.ceil(parts.length / 2);
      await this.#send(parts.slice(0, half));
      await this.#send(parts.slice(half));
    }
  }
}

function isHere(inventory: RunInventoryView | undefined, key: string, digest: PointsDigest): boolean {
  const here = inventory?.series.find((one) => one.key === key);
  return here?.points === digest.points && here.digest === digest.digest();
}

function toWire(value: number): number | 'NaN' | 'Infinity' | '-Infinity' {
  return Number.isFinite(value) ? value : (String(value) as 'NaN' | 'Infinity' | '-Infinity');
}
