import type { Command } from 'commander';
import { Option } from 'commander';
import { defineCommand, defineGroup, type Session } from '../../../define-command.js';
import { interruptible } from '../../../interruptible.js';
import type { Io } from '../../../io.js';
import { collect, parseWhole } from '../../../parse-values.js';
import type { Progress } from '../../../terminal/create-progress.js';
import { countSource } from './count-source.js';
import { moveIn } from './move-in.js';
import { createTally, type MoveTally } from './move-tally.js';
import type { MoveOutcome } from './move-types.js';
import { presentMove } from './present-move.js';
import { loadServerTools } from './server-tools.js';

interface Options {
  readonly experiment?: readonly string[];
  readonly artifacts?: readonly string[];
  readonly dryRun?: boolean;
  readonly models?: boolean;
  readonly concurrency?: string;
  readonly mlflowToken?: string;
  readonly mlflowUsername?: string;
  readonly mlflowPassword?: string;
}

export function importGroup(io: Io): Command {
  return defineGroup('import', 'Move in from another tracking server', [importMlflowCommand(io)]);
}

/** `fairlead import mlflow SOURCE`: exit code 1 when anything found is not here in the end as it was found. */
function importMlflowCommand(io: Io): Command {
  return defineCommand<Options>(io, {
    name: 'mlflow',
    summary: 'Move experiments, runs, models and files of MLflow into the running server, and compare both ends',
    arguments: { '<source>': 'http(s)://… of a live server, an mlruns folder, or the SQLite file of a server' },
    options: {
      '--experiment <name>': new Option('--experiment <name>', 'only this experiment (may be given again)').argParser(
        collect,
      ),
      '--artifacts <folder>': new Option(
        '--artifacts <folder>',
        'a folder that files may be read from, beside the source (may be given again)',
      ).argParser(collect),
      '--no-models': 'leave the model registry out',
      '--dry-run': 'only count what there is, and write nothing',
      '--concurrency <n>': 'files to send at a time (default 4)',
      '--mlflow-token <token>': 'for a live server (or MLFLOW_TRACKING_TOKEN)',
      '--mlflow-username <name>': 'for a live server (or MLFLOW_TRACKING_USERNAME)',
      '--mlflow-password <password>': 'for a live server (better MLFLOW_TRACKING_PASSWORD, which others cannot see)',
    },
    examples: [
      'fairlead import mlflow ./mlruns',
      'fairlead import mlflow http://mlflow.example.org:5000 --dry-run',
      'fairlead import mlflow sqlite:///mlflow.db --artifacts /srv/mlartifacts --experiment rain',
    ],
    remedies: { CLI_INTERRUPTED: 'What was moved is kept: run the same command again and it goes on.' },
    run: async (session, options, address = '') => {
      const tally = createTally();
      const outcome = await session.busy(`reading ${withoutSecrets(address)}`, (progress) =>
        interruptible((signal) => run(session, { address, options, tally, progress, signal })),
      );
      if (tally.differs) session.fail();
      session.show(reportOf(tally, outcome), () => presentMove(tally, outcome, session.style));
    },
  });
}

interface Running {
  readonly address: string;
  readonly options: Options;
  readonly tally: MoveTally;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function run(session: Session, { address, options, tally, progress, signal }: Running): Promise<MoveOutcome> {
  const { env, cwd } = session.io;
  const tools = await loadServerTools();
  const { dryRun = false, models: withModels = true, experiment, artifacts } = options;
  const token = options.mlflowToken ?? env.MLFLOW_TRACKING_TOKEN;
  const username = options.mlflowUsername ?? env.MLFLOW_TRACKING_USERNAME;
  const password = options.mlflowPassword ?? env.MLFLOW_TRACKING_PASSWORD;
  const concurrency = options.concurrency === undefined ? 4 : parseWhole(options.concurrency, '--concurrency');
  const source = await tools.openMlflowSource(address, {
    cwd,
    signal,
    onProblem: ({ code, place, message }) => tally.tell({ kind: 'source', place, problem: message, code }),
    ...(experiment !== undefined && { experiments: experiment }),
    ...(artifacts !== undefined && { artifactFolders: artifacts }),
    ...(token !== undefined && { token }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
  });
  try {
    const report = (text: string) => {
      signal.throwIfAborted();
      progress.update(`${dryRun ? 'counting' : 'moving'}: ${text}`);
    };
    const shared = { source, tally, signal, withModels, report };
    if (dryRun) await countSource(shared);
    else {
      const { client } = session;
      await moveIn({ ...shared, client, tools, concurrency, isFiltered: experiment !== undefined });
    }
    const { kind, address: shown } = source;
    return { source: { kind, address: shown }, dryRun, leftOut: await source.leftOut() };
  } finally {
    await source.close();
  }
}

function reportOf({ kinds, problems, problemCount, fileBytes, differs }: MoveTally, outcome: MoveOutcome) {
  return { ...outcome, equal: !differs, kinds, fileBytes, problemCount, problems };
}

const withoutSecrets = (address: string) => address.replace(/\/\/[^/@]*@/, '//');
