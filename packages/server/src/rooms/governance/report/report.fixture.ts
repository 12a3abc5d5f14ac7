import { buildFacts } from './build-facts.fixture.js';
import { operationFacts } from './operation-facts.fixture.js';
import type { ReportFacts } from './report-facts.js';

/** A text that becomes a script, an attribute or an entity wherever it is not escaped. */
export const HOSTILE = `<script>alert("x")</script><img src=x onerror=alert(1)>' onload='x & \u202eevil`;

/** Facts of a version that went the whole way. `name` stands wherever a person or a file may put a text. */
export function fullFacts(name = 'rain_ahead'): ReportFacts {
  return { ...buildFacts(name), ...operationFacts(name) };
}

/** Facts of a version of which nothing is known but that it is registered. */
export function bareFacts(): ReportFacts {
  const { version } = fullFacts();
  return {
    version,
    model: null,
    card: null,
    dataset: null,
    datasetVersion: null,
    split: null,
    deliveries: [],
    otherDeliveries: [],
    profile: null,
    run: null,
    trials: [],
    evaluation: null,
    lineage: null,
    releases: [],
    policies: [],
    deployments: [],
    routing: [],
    monitors: [],
    alerts: [],
    performance: [],
    audit: { events: [], total: 0 },
  };
}
