import { Command } from 'commander';
import { ruleGroup } from './commands/automation/rule-commands.js';
import { dataGroup } from './commands/data/data-commands.js';
import { profileFileCommand, validateFileCommand } from './commands/data/one-shot-commands.js';
import { evaluateCommand } from './commands/evaluation/evaluate-command.js';
import { auditGroup } from './commands/governance/audit-commands.js';
import { personGroup } from './commands/identity/person-commands.js';
import { alertGroup } from './commands/monitoring/alert-commands.js';
import { monitorGroup } from './commands/monitoring/monitor-commands.js';
import { pipelineGroup } from './commands/pipelines/pipeline-commands.js';
import { runCommand } from './commands/pipelines/run-command.js';
import { applyCommand, planCommand } from './commands/project/project-commands.js';
import { modelGroup } from './commands/registry/model-commands.js';
import { packageCommand } from './commands/registry/package-command.js';
import { environmentGroup } from './commands/release/environment-commands.js';
import { releaseGroup } from './commands/release/release-commands.js';
import { rollbackCommand } from './commands/release/rollback-command.js';
import { batchCommand } from './commands/serving/batch-command.js';
import { endpointGroup } from './commands/serving/endpoint-commands.js';
import { streamGroup } from './commands/serving/stream-commands.js';
import { completionCommand } from './commands/system/completion-command.js';
import { statusCommand } from './commands/system/status-command.js';
import { storageGroup } from './commands/system/storage-commands.js';
import { upCommand } from './commands/system/up-command.js';
import { ownVersion, versionCommand } from './commands/system/version-command.js';
import { experimentGroup } from './commands/tracking/experiment-commands.js';
import { lineageCommand } from './commands/tracking/lineage-command.js';
import { exportCommand } from './commands/tracking/move/export-command.js';
import { importGroup } from './commands/tracking/move/import-command.js';
import { reproduceCommand } from './commands/tracking/reproduce-command.js';
import { trackingGroup } from './commands/tracking/tracking-commands.js';
import { fitCommand } from './commands/training/fit-command.js';
import { inspectCommand, predictFileCommand } from './commands/training/model-file-commands.js';
import { type Io, processIo } from './io.js';

const HELP_WIDTH = 100;

/** The whole command line. Building it loads no server; only `up` and the commands that work offline do, when they run. */
export function createProgram(io: Io = processIo()): Command {
  const program = new Command('fairlead')
    .description('From raw data to governed production and back, in one system with one memory.')
    .version(ownVersion(), '-V, --version', 'show the version')
    // Else the program's own --version takes the place of that of `release request`, `endpoint predict` and others.
    .enablePositionalOptions()
    .addHelpText(
      'after',
      [
        '\nBegin:',
        '  $ fairlead up                  # start the server, here, in ./.fairlead',
        '  $ fairlead plan && fairlead apply',
        '  $ fairlead run PIPELINE        # data → candidate → gates in test',
        '  $ fairlead status',
        '\nEvery command has --help with examples and --json. NO_COLOR is obeyed. No telemetry.',
      ].join('\n'),
    );
  addCommands(program, io);
  settle(program, io);
  return program;
}

function addCommands(program: Command, io: Io): void {
  const groups: readonly (readonly [title: string, commands: readonly Command[]])[] = [
    ['Server and project:', [upCommand(io), planCommand(io), applyCommand(io), statusCommand(io), storageGroup(io)]],
    [
      'Build:',
      [
        dataGroup(io),
        profileFileCommand(io),
        validateFileCommand(io),
        evaluateCommand(io),
        fitCommand(io),
        predictFileCommand(io),
        inspectCommand(io),
        runCommand(io),
        reproduceCommand(io),
        pipelineGroup(io),
        experimentGroup(io),
        trackingGroup(io),
        importGroup(io),
        exportCommand(io),
        modelGroup(io),
        packageCommand(io),
      ],
    ],
    [
      'Deploy:',
      [
        environmentGroup(io),
        releaseGroup(io),
        rollbackCommand(io),
        endpointGroup(io),
        batchCommand(io),
        streamGroup(io),
      ],
    ],
    ['Monitor:', [monitorGroup(io), alertGroup(io), ruleGroup(io)]],
    ['Govern:', [auditGroup(io), lineageCommand(io), personGroup(io)]],
    ['Other:', [completionCommand(io, () => program), versionCommand(io)]],
  ];
  for (const [title, commands] of groups) {
    program.commandsGroup(title);
    for (const command of commands) program.addCommand(command);
  }
}

/** Errors are thrown, not printed and exited with: the runner words them like every other error. */
function settle(command: Command, io: Io): void {
  command
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: () => {},
      getOutHelpWidth: () => (io.stdout.isTty ? Math.min(io.stdout.columns, HELP_WIDTH) : HELP_WIDTH),
      getErrHelpWidth: () => HELP_WIDTH,
      getOutHasColors: () => false,
    });
  for (const sub of command.commands) settle(sub, io);
}
