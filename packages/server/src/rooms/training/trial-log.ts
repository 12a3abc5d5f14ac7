import type { Clock } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import type { EndStatus, TrackingService } from '../tracking/index.js';
import type { Candidate } from './candidate-rules.js';
import type { SearchedTrial, SearchNews } from './engine/search-news.js';
import { trialOverrides } from './engine/trial-param-rules.js';
import type { SelectionMetric } from './training-types.js';

export interface TrialLogDeps {
  readonly tracking: TrackingService;
  readonly clock: Clock;
}

export interface TrialLogTarget {
  readonly context: ChangeContext;
  readonly experiment: string;
  readonly parentRunId: string | null;
  readonly metric: SelectionMetric | null;
}

/** Characters of a reason; all of it stands in the record of the training. */
const MAX_TAG = 500;

/** Writes each trial as a run nested in the parent, in the order in which the news arrive. */
export class TrialLog {
  readonly #deps: TrialLogDeps;
  readonly #target: TrialLogTarget;
  readonly #runIds = new Map<number, string>();
  readonly #open = new Set<number>();
  #last: Promise<void> = Promise.resolve();

  constructor(deps: TrialLogDeps, target: TrialLogTarget) {
    this.#deps = deps;
    this.#target = target;
  }

  hear(news: SearchNews): void {
    const metric = this.#target.metric ?? 'score';
    if (news.type === 'trial-started') this.#then(() => this.#start(news.number, news.candidate));
    else if (news.type === 'fold-scored') {
      this.#then(() => this.#metric(news.number, { key: metric, value: news.score, step: news.fold }));
    } else if (news.type === 'trial-ended') this.#then(() => this.#finish(news.trial, metric));
  }

  /** The run of each trial, once everything heard so far is written. Rejects when a write failed. */
  async runIds(): Promise<ReadonlyMap<number, string>> {
    await this.#last;
    return this.#runIds;
  }

  /** Ends the trials that were under way when the search broke off. Never rejects: the search's own error matters more. */
  async breakOff(status: 'failed' | 'killed'): Promise<void> {
    await this.#last.catch(() => undefined);
    for (const number of [...this.#open]) await this.#end(number, status).catch(() => undefined);
  }

  #then(work: () => Promise<void>): void {
    this.#last = this.#last.then(work);
    // Whoever asks for runIds learns of a failure; until then it must not count as unhandled.
    this.#last.catch(() => undefined);
  }

  async #start(number: number, candidate: Candidate): Promise<void> {
    const { trainer, params } = candidate;
    const { context, experiment, parentRunId, metric } = this.#target;
    const overrides = trialOverrides(candidate, metric);
    const spared = Object.keys(overrides).length > 0 && { 'fairlead.trial-only-params': JSON.stringify(overrides) };
    const shown = Object.entries(params).map(([name, value]) => [name, value ?? 'null'] as const);
    const run = await this.#deps.tracking.startRun(context, {
      experiment,
      name: `trial ${number}: ${trainer}`,
      ...(parentRunId !== null && { parentRunId }),
      params: { trainer, ...Object.fromEntries(shown) },
      tags: { 'fairlead.kind': 'trial', 'fairlead.trial': String(number), ...spared },
    });
    this.#runIds.set(number, run.id);
    this.#open.add(number);
  }

  async #finish({ number, score, fitMs, failure, pruned, objectives }: SearchedTrial, metric: string): Promise<void> {
    if (!this.#open.has(number)) return;
    if (pruned) {
      // As other tools record it: a run that was ended on purpose, with the scores that it had until then.
      await this.#deps.tracking.logBatch(this.#target.context, this.#runIds.get(number) as string, {
        tags: { 'fairlead.pruned': 'true' },
      });
      await this.#end(number, 'killed');
      return;
    }
    if (failure !== null) {
      const text = `${failure.code}: ${failure.message}`.slice(0, MAX_TAG);
      await this.#deps.tracking.logBatch(this.#target.context, this.#runIds.get(number) as string, {
        tags: { 'fairlead.failure': text },
      });
      await this.#end(number, 'failed');
      return;
    }
    for (const [key, value] of Object.entries(objectives ?? { [metric]: score })) {
      await this.#metric(number, { key: `mean_${key}`, value, step: 0 });
    }
    await this.#metric(number, { key: 'fit_ms', value: fitMs, step: 0 });
    await this.#end(number, 'finished');
  }

  async #metric(number: number, point: { key: string; value: number; step: number }): Promise<void> {
    const timestampMs = this.#deps.clock.nowMs();
    await this.#deps.tracking.logBatch(this.#target.context, this.#runIds.get(number) as string, {
      metrics: [{ ...point, timestampMs }],
    });
  }

  async #end(number: number, status: EndStatus): Promise<void> {
    this.#open.delete(number);
    await this.#deps.tracking.endRun(this.#target.context, this.#runIds.get(number) as string, status);
  }
}
