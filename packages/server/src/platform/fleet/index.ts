export { createFleet } from './create-fleet.js';
export { fleetErrors } from './fleet-errors.js';
export type { Fleet, FleetOptions } from './fleet-types.js';
export { joinFleet } from './join-fleet.js';
