import type { Clock } from '@fairlead/kernel';
import type { ChangeContext } from '../../platform/db/index.js';
import type { RunStatus, TrackingService } from '../tracking/index.js';
import type { Candidate } from './candidate-rules.js';
import type { SearchNews } from './search-messages.js';
import type { SelectionMetric } from './training-types.js';

export interface TrialLogDeps {
  readonly tracking: TrackingService;
  readonly clock: Clock;
}

export interface TrialLogTarget {
  readonly context: ChangeContext;
  readonly experiment: string;
  readonly parentRunId: string | null;
  readonly metric: SelectionMetric;
}

/** Writes each trial as a run nested in the parent, in the order in which the news arrive. */
export class TrialLog {
  readonly #deps: TrialLogDeps;
  readonly #target: TrialLogTarget;
  readonly #runIds = new Map<number, string>();
  #open: number | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(deps: TrialLogDeps, target: TrialLogTarget) {
    this.#deps = deps;
    this.#target = target;
  }

  hear(news: SearchNews): void {
    const { metric } = this.#target;
    if (news.type === 'trial-started') this.#then(() => this.#start(news.number, news.candidate));
    else if (news.type === 'fold-scored') {
      this.#then(() => this.#metric(news.number, { key: metric, value: news.score, step: news.fold }));
    } else if (news.type === 'trial-ended') {
      this.#then(async () => {
        await this.#metric(news.number, { key: `mean_${metric}`, value: news.score, step: 0 });
        await this.#metric(news.number, { key: 'fit_ms', value: news.fitMs, step: 0 });
        await this.#end(news.number, 'finished');
      });
    }
  }

  /** The run of each trial, once everything heard so far is written. Rejects when a write failed. */
  async runIds(): Promise<ReadonlyMap<number, string>> {
    await this.#last;
    return this.#runIds;
  }

  /** Ends the trial that was under way when the search broke off. Never rejects: the search's own error matters more. */
  async breakOff(status: 'failed' | 'killed'): Promise<void> {
    await this.#last.catch(() => undefined);
    if (this.#open !== undefined) await this.#end(this.#open, status).catch(() => undefined);
  }

  #then(work: () => Promise<void>): void {
    this.#last = this.#last.then(work);
    // Whoever asks for runIds learns of a failure; until then it must not count as unhandled.
    this.#last.catch(() => undefined);
  }

  async #start(number: number, { trainer, params }: Candidate): Promise<void> {
    const { context, experiment, parentRunId } = this.#target;
    const shown = Object.entries(params).map(([name, value]) => [name, value ?? 'null'] as const);
    const run = await this.#deps.tracking.startRun(context, {
      experiment,
      name: `trial ${number}: ${trainer}`,
      ...(parentRunId !== null && { parentRunId }),
      params: { trainer, ...Object.fromEntries(shown) },
      tags: { 'fairlead.kind': 'trial', 'fairlead.trial': String(number) },
    });
    this.#runIds.set(number, run.id);
    this.#open = number;
  }

  async #metric(number: number, point: { key: string; value: number; step: number }): Promise<void> {
    const timestampMs = this.#deps.clock.nowMs();
    await this.#deps.tracking.logBatch(this.#target.context, this.#runIds.get(number) as string, {
      metrics: [{ ...point, timestampMs }],
    });
  }

  async #end(number: number, status: Exclude<RunStatus, 'running'>): Promise<void> {
    this.#open = undefined;
    await this.#deps.tracking.endRun(this.#target.context, this.#runIds.get(number) as string, status);
  }
}
