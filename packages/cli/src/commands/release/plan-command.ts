import type { ReleasePlanView } from '@fairlead/contracts';
import type { Command } from 'commander';
import { defineCommand, type Session } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseWhole } from '../../parse-values.js';
import { shortDigest } from '../../terminal/format.js';
import { GAP, printFacts } from '../../terminal/print-table.js';
import { presentPolicyParts } from './present-policy.js';

/** The version that was named, else the endpoint's latest. */
export async function versionOf({ client }: Session, endpoint: string, named: string | undefined): Promise<number> {
  if (named !== undefined) return parseWhole(named, '--version');
  const { model } = await client.endpoints.get(endpoint);
  return (await client.models.version(model, 'latest')).version;
}

export function planReleaseCommand(io: Io): Command {
  return defineCommand<{ version?: string; environment?: string }>(io, {
    name: 'plan',
    summary: 'Show what a release would go through: gates, signatures, rollout, sample size; changes nothing',
    arguments: { '<endpoint>': 'name of the endpoint' },
    options: {
      '--version <n>': 'version of the endpoint’s model (default: the latest)',
      '--environment <name>': 'where to (default production)',
    },
    examples: ['fairlead release plan rain --version 3'],
    run: async (session, { version, environment }, endpoint = '') => {
      const plan = await session.client.releases.plan(endpoint, {
        version: await versionOf(session, endpoint, version),
        ...(environment !== undefined && { environment }),
      });
      session.show(plan, () => presentPlan(plan));
    },
  });
}

function presentPlan(plan: ReleasePlanView): string[] {
  const { endpoint, version, live, sampleSize, signatures, expiresAfterHours } = plan;
  const gates = plan.gates.map(({ type, parameters }) => ({ kind: type.split('@')[0] ?? type, type, ...parameters }));
  return [
    printFacts({
      endpoint,
      environment: plan.environment,
      'model version': `${plan.model}/${version} (${shortDigest(plan.modelDigest)})`,
      live: live === null ? 'nothing' : `version ${live}`,
      supersedes: plan.supersedes.join(', ') || null,
      'in the way': plan.inTheWay.join('; ') || null,
    }),
    ...presentPolicyParts({
      gates,
      approval: { required: signatures, expiresAfterHours, mayNotSign: plan.mayNotSign },
      ...(plan.waivers && { waivers: plan.waivers }),
      rollout: plan.rollout,
    }),
    ...(live === null ? ['the first release takes every request, as there is nothing to compare with'] : []),
    ...(sampleSize === null
      ? []
      : [
          `sample size: ${sampleSize.candidate} observations of the candidate, ${sampleSize.stable} of the live version`,
        ]),
    GAP,
    `next: fairlead release start ${endpoint} --version ${version} --environment ${plan.environment} --reason "…"`,
  ];
}
