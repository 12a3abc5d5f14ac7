import type { Metrics } from '../../../platform/telemetry/index.js';

export interface StreamMetrics {
  count(stream: string, outcome: 'answered' | 'deadLettered' | 'duplicates' | 'retried', messages: number): void;
  lag(stream: string, messages: number): void;
}

const OUTCOMES = { answered: 'answered', deadLettered: 'dead-lettered', duplicates: 'duplicate', retried: 'retried' };

/** Declares the metrics of streams; `metrics` must not have them yet. */
export function createStreamMetrics(metrics: Metrics): StreamMetrics {
  const messages = metrics.counter({
    name: 'serving_stream_messages_total',
    help: 'Messages of streams by what became of them.',
    labels: ['stream', 'outcome'],
  });
  const lag = metrics.gauge({
    name: 'serving_stream_lag_messages',
    help: 'Messages of the source that are not acknowledged, as the broker said last.',
    labels: ['stream'],
  });
  return {
    count: (stream, outcome, count) => messages.inc({ stream, outcome: OUTCOMES[outcome] }, count),
    lag: (stream, count) => lag.set({ stream }, count),
  };
}
