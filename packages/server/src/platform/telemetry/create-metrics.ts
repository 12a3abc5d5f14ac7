import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** How a metric is declared. `name` without the `fairlead_` prefix, with its unit at the end; labels must be few-valued. */
export interface MetricOptions<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly L[];
}

export interface HistogramOptions<L extends string> extends MetricOptions<L> {
  /** Upper bounds, ascending, in the unit of the name. */
  readonly buckets: readonly number[];
}

/** The metrics of one process, apart from prom-client's global registry so that two servers may share a process. */
export interface Metrics {
  counter<L extends string = never>(options: MetricOptions<L>): Counter<L>;
  /** With `read`, the value is taken anew at each scrape; each scrape waits for `refresh`, which must not take long. */
  gauge<L extends string = never>(
    options: MetricOptions<L> & { read?: () => number; refresh?: () => Promise<void> },
  ): Gauge<L>;
  histogram<L extends string = never>(options: HistogramOptions<L>): Histogram<L>;
  /** Seconds per HTTP request by method, route pattern and status. */
  readonly httpRequestSeconds: Histogram<'method' | 'route' | 'status'>;
  readonly contentType: string;
  /** All metrics in the Prometheus text format, with those of {@link Metrics.include} added to the own ones. */
  render(): Promise<string>;
  /** What this process counted, without what is of the process itself (its memory, its processor time). */
  snapshot(): Promise<MetricsSnapshot>;
  /** Takes over what another process counted since its start: instead of its last, or, with `gone`, for good. */
  include(source: string, snapshot: MetricsSnapshot | 'gone'): void;
}

/** Plain data, to be sent to another process. */
export type MetricsSnapshot = readonly object[];

const HTTP_BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** A registry of its own with the process metrics and the HTTP histogram in it. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const others = new Map<string, MetricsSnapshot>();
  // Of processes that are gone: their counts stay, or sums would fall and look like a restart.
  const gone: MetricsSnapshot[] = [];
  collectDefaultMetrics({ register: registry });
  const common = <L extends string>({ name, help, labels = [] }: MetricOptions<L>) => ({
    name: `fairlead_${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  const histogram = <L extends string>(options: HistogramOptions<L>) =>
    new Histogram<L>({ ...common(options), buckets: [...options.buckets] });
  return {
    counter: (options) => new Counter(common(options)),
    gauge: ({ read, refresh, ...options }) =>
      new Gauge({
        ...common(options),
        ...(refresh && { collect: refresh }),
        ...(read && {
          collect() {
            this.set(read());
          },
        }),
      }),
    histogram,
    httpRequestSeconds: histogram({
      name: 'http_request_seconds',
      help: 'Time from the request headers to the end of the answer.',
      labels: ['method', 'route', 'status'],
      buckets: HTTP_BUCKETS_SECONDS,
    }),
    contentType: registry.contentType,
    render: async () => {
      const added = [...others.values(), ...gone];
      if (added.length === 0) return registry.metrics();
      return sumOf([await registry.getMetricsAsJSON(), ...added]).metrics();
    },
    snapshot: async () => (await registry.getMetricsAsJSON()).filter(({ name }) => name.startsWith('fairlead_')),
    include: (source, snapshot) => {
      if (snapshot !== 'gone') {
        others.set(source, snapshot);
        return;
      }
      const last = others.get(source);
      if (last !== undefined) gone.push(last);
      others.delete(source);
    },
  };
}

const sumOf = (snapshots: readonly MetricsSnapshot[]): Registry =>
  AggregatorRegistry.aggregate([...snapshots] as object[]);
