import type { Command } from 'commander';
import { defineCommand } from '../../define-command.js';
import type { Io } from '../../io.js';
import { parseChoice } from '../../parse-values.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** One place in the tree of commands: what can be written next. */
interface Place {
  readonly path: string;
  readonly words: readonly { readonly word: string; readonly summary: string }[];
}

/** `program` is asked when the command runs: the tree is complete by then. */
export function completionCommand(io: Io, program: () => Command): Command {
  return defineCommand(io, {
    name: 'completion',
    summary: 'Print the completion script of a shell',
    arguments: { '<shell>': SHELLS.join(', ') },
    examples: [
      'source <(fairlead completion bash)',
      'fairlead completion zsh >> ~/.zshrc',
      'fairlead completion fish > ~/.config/fish/completions/fairlead.fish',
    ],
    connects: false,
    run: async (session, _, shell = '') => {
      const chosen = parseChoice(shell, 'the shell', SHELLS);
      const places = placesOf(program(), program().name());
      const script = chosen === 'fish' ? fishScript(places) : bashScript(places, chosen);
      session.show({ shell: chosen, script }, () => script);
    },
  });
}

function placesOf(command: Command, path: string): Place[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((sub) => sub.name() !== 'help');
  const options = help
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ word: long, summary: description }] : []));
  return [
    { path, words: [...commands.map((sub) => ({ word: sub.name(), summary: sub.description() })), ...options] },
    ...commands.flatMap((sub) => placesOf(sub, `${path} ${sub.name()}`)),
  ];
}

function bashScript(places: readonly Place[], shell: 'bash' | 'zsh'): string {
  const groups = places.slice(1).map(({ path }) => `'${path}'`);
  const words = places.map(
    ({ path, words: next }) => `    '${path}') words='${next.map(({ word }) => word).join(' ')}' ;;`,
  );
  return [
    ...(shell === 'zsh' ? ['autoload -U +X compinit && compinit', 'autoload -U +X bashcompinit && bashcompinit'] : []),
    '_fairlead() {',
    `  local cur="\${COMP_WORDS[COMP_CWORD]}" path=fairlead words= i`,
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    `    case "$path \${COMP_WORDS[i]}" in`,
    `    ${groups.join('|')}) path="$path \${COMP_WORDS[i]}" ;;`,
    '    esac',
    '  done',
    '  case "$path" in',
    ...words,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '}',
    'complete -o default -F _fairlead fairlead',
  ].join('\n');
}

function fishScript(places: readonly Place[]): string {
  const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  return places
    .flatMap(({ path, words }) => {
      const seen = path.split(' ').slice(1);
      const condition =
        seen.length === 0
          ? '__fish_use_subcommand'
          : seen.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');
      const names = words.filter(({ word }) => !word.startsWith('--')).map(({ word }) => word);
      const open =
        seen.length === 1 && names.length > 0
          ? `${condition}; and not __fish_seen_subcommand_from ${names.join(' ')}`
          : condition;
      return words.map(({ word, summary }) =>
        word.startsWith('--')
          ? `complete -c fairlead -n ${quote(condition)} -l ${word.slice(2)} -d ${quote(summary)}`
          : `complete -c fairlead -n ${quote(open)} -a ${word} -d ${quote(summary)}`,
      );
    })
    .join('\n');
}
