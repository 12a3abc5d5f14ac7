import type { ProjectFile } from '@fairlead/contracts';

/**
 * Gives the project back as it is: the place where an editor learns its type.
 *
 * @example
 * // fairlead.config.mjs
 * export default defineProject({ project: 'port-weather', datasets: { seattle: { source: { path: 'seattle.csv' } } } });
 */
export function defineProject<const P extends ProjectFile>(project: P): P {
  return project;
}
