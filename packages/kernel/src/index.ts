export { sleep, throwIfAborted } from './abort.js';
export { type Actor, automationActor, ROLES, type Role, systemActor } from './actor.js';
export { canonicalJson } from './canonical-json.js';
export { type Clock, fixedClock, systemClock } from './clock.js';
export { formatDuration, parseDurationMs } from './duration.js';
export {
  defineErrors,
  type ErrorDetails,
  type ErrorFactory,
  type ErrorSpec,
  type ErrorTable,
  errorTableOf,
  FairleadError,
  type Fault,
  isFairleadError,
  messageOf,
} from './errors.js';
export {
  type Change,
  defineEvent,
  type EventKind,
  isEventKind,
  type NewEvent,
  type RecordedEvent,
  type Subject,
} from './events.js';
export { isName, NAME_PATTERN, newId } from './ids.js';
export { createTurns } from './turns.js';
export type { Interval, Verdict } from './verdict.js';
