import type { Alert } from '../monitoring-types.js';
import type { KeptAlert } from './alert-rules.js';

/** An alert as the room shows it: without what only its hysteresis needs. */
export function presentAlert({ cleanChecks: _, ...alert }: KeptAlert): Alert {
  return alert;
}
