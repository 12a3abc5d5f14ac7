import { createClient, type FairleadClient } from '@fairlead/sdk';
import { Command, Option } from 'commander';
import type { Io } from './io.js';
import { type Remedies, withRemedy } from './local-remedies.js';
import { createProgress, type Progress } from './terminal/create-progress.js';
import { type Style, styleFor } from './terminal/style.js';

export interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly token?: string;
}

/** What a running command works with. */
export interface Session {
  readonly io: Io;
  readonly json: boolean;
  readonly style: Style;
  /** The server's client, made when it is first asked for. */
  readonly client: FairleadClient;
  /** Prints `value` as JSON or, for people, what `render` makes of it, without its empty texts. Once per command. */
  show(value: unknown, render: () => string | readonly string[]): void;
  /** Runs `work` and shows on standard error that it goes on when it takes more than a second. */
  busy<T>(text: string, work: (progress: Progress) => Promise<T>): Promise<T>;
  /** Ends with exit code 1 although the command did what it was asked: its answer is bad news. */
  fail(): void;
}

export interface CommandDefinition<O> {
  readonly name: string;
  readonly summary: string;
  /** Name as in `<model>` or `[file]` → what it is. */
  readonly arguments?: Readonly<Record<string, string>>;
  /** Flags as in `--limit <n>` → what it does. */
  readonly options?: Readonly<Record<string, string | Option>>;
  /** Complete command lines. */
  readonly examples: readonly string[];
  /** What to do about errors that can come, in the options of this command, by their code. */
  readonly remedies?: Remedies;
  /** False for commands that never talk to a server. */
  readonly connects?: boolean;
  readonly run: (session: Session, options: O & GlobalOptions, ...args: string[]) => Promise<void>;
}

/** Set by a command that worked and has bad news; read by the program's runner. */
export const exitCodes = new WeakMap<Io, number>();

/** A leaf of the program: its help, its options, and --json, --url and --token on every one of them. */
export function defineCommand<O = object>(io: Io, definition: CommandDefinition<O>): Command {
  const command = new Command(definition.name).description(definition.summary);
  for (const [name, text] of Object.entries(definition.arguments ?? {})) command.argument(name, text);
  for (const [flags, text] of Object.entries(definition.options ?? {})) {
    command.addOption(typeof text === 'string' ? new Option(flags, text) : text);
  }
  command.option('--json', 'print JSON and nothing else on standard output');
  if (definition.connects !== false) {
    command.option('--url <address>', 'address of the server (or FAIRLEAD_URL; default http://127.0.0.1:4600)');
    command.option('--token <token>', 'who you are (or FAIRLEAD_TOKEN)');
  }
  const examples = definition.examples.map((line) => `  $ ${line}`);
  command.addHelpText('after', `\nExamples:\n${examples.join('\n')}`);
  return command.action(async (...received: unknown[]) => {
    const options = command.opts() as O & GlobalOptions;
    const args = received.slice(0, -2) as string[];
    try {
      await definition.run(openSession(io, options), options, ...args);
    } catch (error) {
      throw withRemedy(error, definition.remedies ?? {});
    }
  });
}

function openSession(io: Io, options: GlobalOptions): Session {
  const json = options.json === true;
  let client: FairleadClient | undefined;
  return {
    io,
    json,
    style: styleFor(io, io.stdout),
    get client() {
      client ??= connect(io, options);
      return client;
    },
    show: (value, render) => {
      const text = json ? JSON.stringify(value, null, 2) : render();
      const lines =
        typeof text === 'string' ? [text] : text.filter((line) => line !== '').map((line) => line.trimEnd());
      if (lines.length > 0) io.stdout.write(`${lines.join('\n')}\n`);
    },
    busy: async (text, work) => {
      const progress = createProgress(io, { quiet: json && !io.stderr.isTty });
      progress.update(text);
      try {
        return await work(progress);
      } finally {
        progress.stop();
      }
    },
    fail: () => {
      exitCodes.set(io, 1);
    },
  };
}

function connect({ env }: Io, options: GlobalOptions): FairleadClient {
  const url = options.url ?? env.FAIRLEAD_URL;
  const token = options.token ?? env.FAIRLEAD_TOKEN;
  return createClient({
    ...(url !== undefined && url !== '' && { url }),
    ...(token !== undefined && token !== '' && { token }),
    userAgent: 'fairlead-cli',
    maxRetries: 1,
  });
}

/** A group of commands, for example `model`. */
export function defineGroup(name: string, summary: string, commands: readonly Command[]): Command {
  const group = new Command(name).description(summary);
  for (const command of commands) group.addCommand(command);
  return group;
}
