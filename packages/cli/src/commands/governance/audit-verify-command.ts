import type { AuditVerificationView } from '@fairlead/contracts';
import type { AuditCheckpoint } from '@fairlead/sdk';
import type { Command } from 'commander';
import { cliErrors } from '../../cli-errors.js';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseWhole } from '../../parse-values.js';
import { count } from '../../terminal/format.js';

interface Options {
  readonly home?: string;
  readonly databaseUrl?: string;
  readonly checkpoint?: string;
}

export function verifyCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'verify',
    summary: 'Check that every entry stands as it was written',
    options: {
      '--checkpoint <entries:hash>': 'that the log continues this end of it, noted earlier',
      '--home <folder>': 'read the database of this home, without a server',
      '--database-url <address>': 'read this database, without a server',
    },
    examples: [
      'fairlead audit verify',
      'fairlead audit verify --home .fairlead',
      'fairlead audit verify --checkpoint 812:9f3c…',
    ],
    run: async (session, options) => {
      const checkpoint = parseCheckpoint(options.checkpoint);
      const verification = await session.busy('walking the audit log', () =>
        isOffline(options)
          ? verifyOffline(io, options, checkpoint)
          : session.client.audit.verify(checkpoint ?? {}, { timeoutMs: 3_600_000 }),
      );
      if (verification.verdict !== 'intact') session.fail();
      session.show(verification, () =>
        verification.verdict === 'intact'
          ? [
              `${session.style.green('intact')}: ${count(verification.entries, 'entry', 'entries')}`,
              `note this elsewhere, to find a cut tail later: --checkpoint ${verification.entries}:${verification.headHash}`,
            ]
          : [`${session.style.red('tampered')}: entry ${verification.seq}: ${verification.problem}`],
      );
    },
  });
}

const isOffline = ({ home, databaseUrl }: Options) => home !== undefined || databaseUrl !== undefined;

async function verifyOffline(
  io: Io,
  { home, databaseUrl }: Options,
  checkpoint: AuditCheckpoint | undefined,
): Promise<AuditVerificationView> {
  const { loadConfig, verifyAuditAt } = await import('@fairlead/server');
  const flags = { ...(home !== undefined && { home }), ...(databaseUrl !== undefined && { databaseUrl }) };
  const config = loadConfig({ flags, env: io.env, cwd: io.cwd });
  return verifyAuditAt(config.databaseUrl, checkpoint === undefined ? {} : { checkpoint });
}

function parseCheckpoint(text: string | undefined): AuditCheckpoint | undefined {
  if (text === undefined) return undefined;
  const [entries = '', headHash = ''] = text.split(':');
  if (!/^[0-9a-f]{64}$/.test(headHash)) throw cliErrors.CLI_USAGE('--checkpoint is written as entries:hash.');
  return { entries: parseWhole(entries, 'the entries of --checkpoint'), headHash };
}
