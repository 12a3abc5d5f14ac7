import type { Deployment, DeploymentStatistics } from '../serving-types.js';
import { type ExecutedRun, InferenceCounters, type InferenceStatistics } from './inference-counters.js';
import { LatencyHistogram } from './latency-histogram.js';

export interface RequestOutcome {
  readonly rows: number;
  readonly latencyMs: number;
  readonly status: number;
  readonly errorCode: string | null;
}

/** What one deployment did since the process started, and since the routing table in force took effect. */
export class DeploymentCounters {
  #latency = new LatencyHistogram();
  #rows = 0;
  #errors = 0;
  #rejectedInputs = 0;
  #nonFiniteOutputs = 0;
  #routing = new RoutingCounters();
  #inference = new InferenceCounters();

  add(outcome: RequestOutcome): void {
    const { rows, latencyMs, status, errorCode } = outcome;
    this.#latency.add(latencyMs);
    this.#rows += rows;
    if (status >= 500) this.#errors += 1;
    else if (status >= 400) this.#rejectedInputs += 1;
    if (errorCode === 'SRV_NONFINITE_OUTPUT') this.#nonFiniteOutputs += 1;
    this.#routing.add(outcome);
    this.#inference.answered(status < 400, latencyMs);
  }

  /** A run of the model ended well. */
  executed(run: ExecutedRun, atMs: number): void {
    this.#inference.executed(run, atMs);
  }

  /** What was counted since the last call, for another process to {@link merge}; undefined when nothing was. */
  take(): CountsTaken | undefined {
    if (this.#latency.count === 0) return undefined;
    const taken: CountsTaken = {
      latency: this.#latency.snapshot(),
      rows: this.#rows,
      errors: this.#errors,
      rejectedInputs: this.#rejectedInputs,
      nonFiniteOutputs: this.#nonFiniteOutputs,
      arm: this.#routing.snapshot(),
      inference: this.#inference.read(),
    };
    this.#latency = new LatencyHistogram();
    this.#routing = new RoutingCounters();
    this.#inference = new InferenceCounters();
    this.#rows = 0;
    this.#errors = 0;
    this.#rejectedInputs = 0;
    this.#nonFiniteOutputs = 0;
    return taken;
  }

  /** Adds what another process took. `inForce`: it was counted under the routing table that is in force. */
  merge(taken: CountsTaken, inForce: boolean): void {
    this.#latency.merge(taken.latency);
    this.#rows += taken.rows;
    this.#errors += taken.errors;
    this.#rejectedInputs += taken.rejectedInputs;
    this.#nonFiniteOutputs += taken.nonFiniteOutputs;
    this.#inference.merge(taken.inference);
    if (inForce) this.#routing.merge(taken.arm);
  }

  readInference(): InferenceStatistics {
    return this.#inference.read();
  }

  /** A routing table takes effect: `sinceRouting` counts from zero, or from what a former process counted under it. */
  beginRouting(before?: ArmCounts): void {
    this.#routing = new RoutingCounters(before);
  }

  /** What was counted since the routing table took effect. */
  arm(): ArmCounts {
    return this.#routing.snapshot();
  }

  read({ id, version }: Deployment): DeploymentStatistics {
    const quantile = (ratio: number) => this.#latency.quantileMs(ratio);
    return {
      deploymentId: id,
      version,
      requests: this.#latency.count,
      rows: this.#rows,
      errors: this.#errors,
      rejectedInputs: this.#rejectedInputs,
      nonFiniteOutputs: this.#nonFiniteOutputs,
      latencyMs: { p50: quantile(0.5), p95: quantile(0.95), p99: quantile(0.99) },
      sinceRouting: this.#routing.read(),
    };
  }
}

/** What one process counted of a deployment between two moments. */
export interface CountsTaken {
  readonly latency: ArmCounts['latency'];
  readonly rows: number;
  readonly errors: number;
  readonly rejectedInputs: number;
  readonly nonFiniteOutputs: number;
  readonly arm: ArmCounts;
  readonly inference: InferenceStatistics;
}

/** What a deployment did under one routing table, to be kept over a restart. */
export interface ArmCounts {
  readonly errors: number;
  readonly rejectedInputs: number;
  readonly nonFiniteOutputs: number;
  /** See {@link LatencyHistogram.snapshot}; its counts sum to the requests. */
  readonly latency: readonly (readonly [number, number])[];
}

/** A refused input never reached the model, so it says nothing of the model; only its share is of interest. */
class RoutingCounters {
  readonly #latency = new LatencyHistogram();
  #errors = 0;
  #rejectedInputs = 0;
  #nonFiniteOutputs = 0;

  constructor(before?: ArmCounts) {
    if (before !== undefined) this.merge(before);
  }

  merge(counts: ArmCounts): void {
    this.#errors += counts.errors;
    this.#rejectedInputs += counts.rejectedInputs;
    this.#nonFiniteOutputs += counts.nonFiniteOutputs;
    this.#latency.merge(counts.latency);
  }

  add({ latencyMs, status, errorCode }: RequestOutcome): void {
    if (status >= 400 && status < 500) {
      this.#rejectedInputs += 1;
      return;
    }
    this.#latency.add(latencyMs);
    if (status >= 500) this.#errors += 1;
    if (errorCode === 'SRV_NONFINITE_OUTPUT') this.#nonFiniteOutputs += 1;
  }

  read(): DeploymentStatistics['sinceRouting'] {
    return {
      requests: this.#latency.count,
      errors: this.#errors,
      rejectedInputs: this.#rejectedInputs,
      nonFiniteOutputs: this.#nonFiniteOutputs,
      p99Ms: this.#latency.quantileMs(0.99),
    };
  }

  snapshot(): ArmCounts {
    return {
      errors: this.#errors,
      rejectedInputs: this.#rejectedInputs,
      nonFiniteOutputs: this.#nonFiniteOutputs,
      latency: this.#latency.snapshot(),
    };
  }
}
