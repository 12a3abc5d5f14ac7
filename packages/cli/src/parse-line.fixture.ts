import type { Command } from 'commander';
import { createProgram } from './create-program.js';
import { processIo } from './io.js';

export interface ParsedLine {
  /** For example `release sign`. */
  readonly command: string;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, unknown>>;
}

/** What the program's own parser makes of a line of a shell; nothing runs. Throws what a person would be told. */
export async function parseLine(line: string): Promise<ParsedLine> {
  const [program, ...words] = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  if (program !== 'fairlead') throw new Error(`a shell would run ${program}`);
  // Outside of quotes these mean something to a shell.
  const odd = /[<>#;&|*?(){}[\]`\\']/.exec(line.replaceAll(/"[^"]*"/g, ''));
  if (odd !== null) throw new Error(`a shell reads ${odd[0]} otherwise: ${line}`);
  let parsed: ParsedLine | undefined;
  const listen = (command: Command, path: readonly string[]): void => {
    for (const sub of command.commands) listen(sub, [...path, sub.name()]);
    if (command.commands.length > 0) return;
    command.action((...received: unknown[]) => {
      const args = received.slice(0, -2).filter((arg): arg is string => arg !== undefined);
      parsed = { command: path.join(' '), args, options: command.opts() };
    });
  };
  const root = createProgram(processIo());
  listen(root, []);
  await root.parseAsync(words, { from: 'user' });
  if (parsed === undefined) throw new Error(`no command: ${line}`);
  return parsed;
}
