export { configReference } from './config-keys.js';
export type { Config } from './config-schema.js';
export { loadConfig } from './load-config.js';
