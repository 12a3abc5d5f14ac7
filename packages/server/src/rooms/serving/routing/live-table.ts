import type { Servable } from '../deployments/load-servable.js';
import { servingErrors } from '../serving-errors.js';
import { pickByRendezvous, pickEntry, routeBucket } from '../serving-rules.js';
import type { LiveModel, PredictRequest, RoutingTable, ServingService } from '../serving-types.js';

export interface Target {
  readonly deploymentId: string;
  readonly version: number;
  readonly reason: 'only' | 'weight' | 'override' | 'fallback';
  /** Chance that a request like this one is sent there, 0 to 1; null when the caller chose. */
  readonly propensity: number | null;
  readonly shadows: readonly string[];
}

type Place = Pick<PredictRequest, 'endpoint' | 'environment'>;

/**
 * What serves right now. A routing table is replaced by one assignment, so that every request sees either the old table or
 * the new one, whole.
 */
export class LiveTable {
  readonly #endpoints = new Set<string>();
  readonly #tables = new Map<string, RoutingTable>();
  readonly #servables = new Map<string, Servable>();
  readonly #failures = new Map<string, string>();

  addEndpoint(name: string): void {
    this.#endpoints.add(name);
  }

  endpoints(): readonly string[] {
    return [...this.#endpoints];
  }

  /** [deployment, reason] of those that could not be loaded, or were unloaded. */
  failures(): readonly (readonly [string, string])[] {
    return [...this.#failures];
  }

  /** A table that names nobody takes the endpoint out of its environment. */
  swap(table: RoutingTable): void {
    if (table.entries.length === 0) this.#tables.delete(keyOf(table));
    else this.#tables.set(keyOf(table), table);
  }

  add(servable: Servable): void {
    this.#failures.delete(servable.deployment.id);
    this.#servables.set(servable.deployment.id, servable);
  }

  fail(deploymentId: string, reason: string): void {
    this.#failures.set(deploymentId, reason);
  }

  remove(deploymentId: string): void {
    this.#servables.delete(deploymentId);
  }

  get(deploymentId: string): Servable | undefined {
    return this.#servables.get(deploymentId);
  }

  servables(): readonly Servable[] {
    return [...this.#servables.values()];
  }

  tables(): readonly RoutingTable[] {
    return [...this.#tables.values()];
  }

  /** Of the routing table in force where a deployment belongs. */
  revisionOf(place: Place): number | undefined {
    return this.#tables.get(keyOf(place))?.revision;
  }

  /** Every routed endpoint and environment; `reason` says why a share of it is not answered by its own version. */
  summary(): ReturnType<ServingService['liveEndpoints']> {
    return this.tables().map(({ endpoint, environment, entries }) => {
      const failing = entries.filter(({ weight }) => weight > 0).find((e) => this.failureOf(e.deploymentId) !== null);
      const [heaviest] = [...entries].sort((a, b) => b.weight - a.weight);
      const reason = failing === undefined ? null : this.failureOf(failing.deploymentId);
      return { endpoint, environment, version: heaviest?.version ?? 0, reason };
    });
  }

  failureOf(deploymentId: string): string | null {
    if (this.#servables.has(deploymentId)) return null;
    return this.#failures.get(deploymentId) ?? 'it is not loaded';
  }

  /** @throws SRV_ENDPOINT_NOT_FOUND, SRV_NOT_ROUTED */
  table(place: Place): RoutingTable {
    const table = this.#tables.get(keyOf(place));
    if (table !== undefined) return table;
    const { endpoint, environment } = place;
    if (!this.#endpoints.has(endpoint)) {
      throw servingErrors.SRV_ENDPOINT_NOT_FOUND(`There is no endpoint ${endpoint}.`, { data: { endpoint } });
    }
    throw servingErrors.SRV_NOT_ROUTED(`Endpoint ${endpoint} has no live version in ${environment}.`, {
      data: { endpoint, environment },
    });
  }

  /** Where a request goes. @throws SRV_ENDPOINT_NOT_FOUND, SRV_NOT_ROUTED, SRV_VERSION_NOT_FOUND */
  target(request: PredictRequest): Target {
    const table = this.table(request);
    const { entries, shadows } = table;
    if (request.targetVersion !== undefined) {
      return { reason: 'override', propensity: null, shadows: [], ...this.#versionIn(table, request.targetVersion) };
    }
    const shared = entries.filter(({ weight }) => weight > 0).length > 1;
    const { endpoint, routeKey = request.requestId } = request;
    const bucket = shared && table.spread === undefined ? routeBucket(endpoint, routeKey) : 0;
    const pick = (from: RoutingTable['entries'], total: number) =>
      table.spread === undefined ? pickEntry(from, bucket * total) : pickByRendezvous(from, { endpoint, routeKey });
    const entry = entries[pick(entries, 1)] as RoutingTable['entries'][number];
    const other = this.#servables.has(entry.deploymentId) ? undefined : this.#otherFor(entries, pick);
    const { deploymentId, version } = other ?? entry;
    const reason = other !== undefined ? 'fallback' : shared ? 'weight' : 'only';
    const propensity = shared ? this.#propensityOf(entries, deploymentId, entry.weight) : 1;
    return { deploymentId, version, reason, propensity, shadows };
  }

  /** Who answers for an entry that is not loaded: the loaded ones by their weights, the same one for the same key. */
  #otherFor(
    entries: RoutingTable['entries'],
    pick: (from: RoutingTable['entries'], total: number) => number,
  ): RoutingTable['entries'][number] | undefined {
    const loaded = entries.filter(({ deploymentId, weight }) => weight > 0 && this.#servables.has(deploymentId));
    const total = loaded.reduce((sum, { weight }) => sum + weight, 0);
    return loaded[pick(loaded, total)];
  }

  /** Its share and what falls to it of those that are not loaded; see {@link #otherFor}. */
  #propensityOf(entries: RoutingTable['entries'], deploymentId: string, weight: number): number {
    if (entries.every((entry) => this.#servables.has(entry.deploymentId))) return weight;
    const sum = (of: RoutingTable['entries']) => of.reduce((total, { weight }) => total + weight, 0);
    const loaded = entries.filter((entry) => this.#servables.has(entry.deploymentId));
    const own = sum(entries.filter((entry) => entry.deploymentId === deploymentId));
    const answering = sum(loaded);
    return answering === 0 ? own : own / answering;
  }

  /** @throws SRV_UNAVAILABLE */
  servable({ deploymentId, version }: { deploymentId: string; version: number }): Servable {
    const servable = this.#servables.get(deploymentId);
    if (servable !== undefined) return servable;
    const reason = this.failureOf(deploymentId);
    throw servingErrors.SRV_UNAVAILABLE(`Version ${version} is live but cannot answer: ${reason}.`, {
      data: { deploymentId, version, reason, retryAfterSeconds: 5 },
    });
  }

  /** @throws SRV_ENDPOINT_NOT_FOUND, SRV_NOT_ROUTED, SRV_VERSION_NOT_FOUND, SRV_UNAVAILABLE */
  live(place: Place, version: number | undefined): LiveModel {
    const table = this.table(place);
    const byWeight = [...table.entries].sort((a, b) => b.weight - a.weight);
    const answering = byWeight.find(({ deploymentId, weight }) => weight > 0 && this.#servables.has(deploymentId));
    const heaviest = (answering ?? byWeight[0]) as RoutingTable['entries'][number];
    const { deployment, signature, model } = this.servable(
      version === undefined ? heaviest : this.#versionIn(table, version),
    );
    const { inputs, outputs } = model;
    return { deployment, signature, inputs, outputs, versions: table.entries.map((entry) => entry.version) };
  }

  /** Any version that is loaded here can be asked for by number, the routed ones first. */
  #versionsIn(table: RoutingTable): { deploymentId: string; version: number }[] {
    const loaded = this.servables()
      .map(({ deployment }) => deployment)
      .filter(({ endpoint, environment }) => endpoint === table.endpoint && environment === table.environment)
      .sort((a, b) => b.createdAtMs - a.createdAtMs)
      .map(({ id, version }) => ({ deploymentId: id, version }));
    const seen = new Set<number>();
    return [...table.entries, ...loaded].filter(({ version }) => !seen.has(version) && seen.add(version));
  }

  #versionIn(table: RoutingTable, version: number): { deploymentId: string; version: number } {
    const versions = this.#versionsIn(table);
    const found = versions.find((entry) => entry.version === version);
    if (found !== undefined) return { deploymentId: found.deploymentId, version };
    const { endpoint, environment } = table;
    throw servingErrors.SRV_VERSION_NOT_FOUND(`Version ${version} of ${endpoint} is not served in ${environment}.`, {
      data: { endpoint, environment, version, served: versions.map((entry) => entry.version) },
    });
  }
}

const keyOf = ({ endpoint, environment }: Place) => `${endpoint}@${environment}`;
