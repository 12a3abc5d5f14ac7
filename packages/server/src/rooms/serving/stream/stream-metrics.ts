import type { Metrics } from '../../../platform/telemetry/index.js';

export interface StreamMetrics {
  count(stream: string, outcome: 'answered' | 'deadLettered' | 'duplicates' | 'retried', messages: number): void;
  /** Null: the broker does not say; what it said last stays. */
  lag(stream: string, messages: number | null): void;
  running(stream: string, running: boolean): void;
  /** It is read no more: a lag that nobody asks for would only grow old. */
  forget(stream: string): void;
}

const OUTCOMES = { answered: 'answered', deadLettered: 'dead-lettered', duplicates: 'duplicate', retried: 'retried' };

/** Declares the metrics of streams; `metrics` must not have them yet. `refresh` asks the brokers for lags, at each scrape. */
export function createStreamMetrics(metrics: Metrics, refresh: () => Promise<void>): StreamMetrics {
  const messages = metrics.counter({
    name: 'serving_stream_messages_total',
    help: 'Messages of streams by what became of them.',
    labels: ['stream', 'outcome'],
  });
  const lag = metrics.gauge({
    name: 'serving_stream_lag_messages',
    help: 'Messages of the source that are not acknowledged, as the broker said last.',
    labels: ['stream'],
    refresh,
  });
  const running = metrics.gauge({
    name: 'serving_stream_running',
    help: '1 while the stream is connected to its broker, 0 while it tries to be.',
    labels: ['stream'],
  });
  return {
    count: (stream, outcome, count) => messages.inc({ stream, outcome: OUTCOMES[outcome] }, count),
    lag: (stream, count) => {
      if (count !== null) lag.set({ stream }, count);
    },
    running: (stream, is) => running.set({ stream }, is ? 1 : 0),
    forget: (stream) => {
      lag.remove({ stream });
      running.remove({ stream });
    },
  };
}
