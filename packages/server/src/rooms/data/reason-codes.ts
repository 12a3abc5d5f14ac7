/** Why a row is in quarantine. Codes are part of the interface: documented in the README, never renamed. */
export const REASON = {
  CAST: 'CAST',
  MISSING_REQUIRED: 'MISSING_REQUIRED',
  BELOW_MIN: 'BELOW_MIN',
  ABOVE_MAX: 'ABOVE_MAX',
  NOT_IN_VALUES: 'NOT_IN_VALUES',
  PATTERN: 'PATTERN',
  ROW_CHECK: 'ROW_CHECK',
  DUPLICATE_KEY: 'DUPLICATE_KEY',
  TOO_FEW_COLUMNS: 'TOO_FEW_COLUMNS',
  TOO_MANY_COLUMNS: 'TOO_MANY_COLUMNS',
  MALFORMED_QUOTES: 'MALFORMED_QUOTES',
  ROW_TOO_LONG: 'ROW_TOO_LONG',
  INVALID_ENCODING: 'INVALID_ENCODING',
  BAD_JSON: 'BAD_JSON',
  /** The row itself is good, but the delivery it came with was refused as a whole. */
  DELIVERY_REFUSED: 'DELIVERY_REFUSED',
} as const;

export type ReasonCode = (typeof REASON)[keyof typeof REASON];
