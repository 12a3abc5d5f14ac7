export { createLogger, type Logger } from './create-logger.js';
export { createMetrics, type Metrics, type MetricsSnapshot } from './create-metrics.js';
export { requestIdFrom } from './request-id.js';
export { openTreeMemory, residentBytesOf, type TreeMemory } from './tree-memory.js';
