import type { ReleasePolicyDeclarationSchema, ReleasePolicyView, Wire } from '@fairlead/contracts';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseJson, readText } from '../../parse-values.js';
import { shortDigest } from '../../terminal/format.js';
import { printFacts } from '../../terminal/print-table.js';
import { type PolicyParts, presentPolicyParts } from './present-policy.js';

type Declaration = Wire<typeof ReleasePolicyDeclarationSchema>;

/** Shows the release policy of an endpoint, or sets it without a project file. */
export function policyCommand(io: Io): Command {
  return defineCommand<{ environment?: string }>(io, {
    name: 'policy',
    summary: 'Show the gates, signatures and rollout of an endpoint, or set them from a file',
    arguments: {
      '<endpoint>': 'name of the endpoint',
      '[file]': 'the policy in JSON, as `endpoints.<name>.release` of a project file',
    },
    options: { '--environment <name>': 'show it as it holds there (default production)' },
    examples: ['fairlead release policy rain', 'fairlead release policy rain policy.json'],
    run: async (session, { environment }, endpoint = '', file) => {
      const { releases } = session.client;
      if (file === undefined) {
        const policy = await releases.policy(endpoint, environment === undefined ? {} : { environment });
        session.show(policy, () => presentPolicy(policy));
        return;
      }
      if (environment !== undefined) {
        throw cliErrors.CLI_USAGE(
          'A policy is set for the endpoint; `fairlead environment declare` says what differs elsewhere.',
        );
      }
      const content = parseJson(await readText(file, io.cwd), file) as Declaration;
      const declared = await releases.declarePolicy(endpoint, content);
      session.show(declared, () => [...presentPolicy(declared.policy), declared.changed ? 'declared' : 'unchanged']);
    },
  });
}

function presentPolicy(policy: ReleasePolicyView): string[] {
  return [
    printFacts({ endpoint: policy.endpoint, digest: shortDigest(policy.digest) }),
    ...presentPolicyParts(policy as PolicyParts),
  ];
}
