import { formatDuration } from '@fairlead/kernel';
import { count } from '../../terminal/format.js';
import { GAP, printFacts, printTable } from '../../terminal/print-table.js';
import { gateInWords } from './gate-words.js';
import { presentRollout } from './rollout-words.js';

/** What a release policy says, or the parts of it that an environment has of its own. */
export interface PolicyParts {
  /** `type` with its version where it is known. */
  readonly gates?: readonly Readonly<Record<string, unknown>>[];
  readonly approval?: {
    readonly required: readonly { readonly role: string; readonly count: number }[];
    readonly excludeAuthor?: boolean;
    /** Instead of `excludeAuthor`, where they are known by name. */
    readonly mayNotSign?: readonly string[];
    readonly expiresAfterHours: number;
  };
  readonly waivers?: {
    readonly roles: readonly string[];
    readonly maxHours: number;
    readonly never: readonly string[];
  };
  readonly rollout?: Readonly<Record<string, unknown>>;
  readonly rollbackWindowMs?: number;
}

const hours = (length: number): string => formatDuration(length * 3_600_000);

/** A policy as somebody reads it who answers for the risk; parts that are not given are left out. */
export function presentPolicyParts({ gates, approval, waivers, rollout, rollbackWindowMs }: PolicyParts): string[] {
  return [
    ...(gates === undefined ? [] : [GAP, gateTable(gates)]),
    ...(approval === undefined && waivers === undefined
      ? []
      : [GAP, printFacts({ ...signing(approval), ...waiving(waivers) })]),
    ...(rollout === undefined ? [] : [GAP, ...presentRollout(rollout)]),
    ...(rollbackWindowMs === undefined
      ? []
      : [GAP, printFacts({ 'rollback window': windowInWords(rollbackWindowMs) })]),
  ];
}

function gateTable(gates: NonNullable<PolicyParts['gates']>): string {
  const rows = gates.map(({ kind, type = kind, ...parameters }) => [
    String(type),
    gateInWords({ kind: String(kind), parameters }),
  ]);
  return printTable(['gate in test', 'passes when'], rows);
}

function signing(approval: PolicyParts['approval']): Record<string, string | null> {
  if (approval === undefined) return {};
  const { required, excludeAuthor = false, mayNotSign, expiresAfterHours } = approval;
  const people = required.reduce((sum, one) => sum + one.count, 0);
  const roles = required.map((one) => `${one.count} ${one.role}`).join(', ');
  const authors = excludeAuthor ? 'whoever registered the version, whoever requests it' : null;
  return {
    quorum: people === 0 ? 'nobody needs to sign' : `${count(people, 'signature')}: ${roles}; each of another person`,
    'may not sign': mayNotSign?.join(', ') || authors,
    'approval ends': `${hours(expiresAfterHours)} after the quorum`,
  };
}

function waiving(waivers: PolicyParts['waivers']): Record<string, string> {
  if (waivers === undefined) return { waivers: 'nobody may let a release go on when a gate did not pass' };
  const { roles, maxHours, never } = waivers;
  const except = never.length === 0 ? '' : `, never ${never.join(', ')}`;
  return {
    waivers: `${roles.join(' or ')} may let it go on although a gate did not pass, for at most ${hours(maxHours)}${except}`,
  };
}

const windowInWords = (lengthMs: number): string =>
  lengthMs === 0
    ? 'the former version stays in memory until the next switch'
    : `the former version stays in memory for ${formatDuration(lengthMs)} after a switch`;
