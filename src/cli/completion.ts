import { adapterNames } from './load-adapter.js'
import { apiCommands } from './api-commands.js'
import { WrongUsage } from './arguments.js'

/**
 * What makes a shell complete the commands and their options.
 *
 * @param shells `bash`, or `zsh`, which reads the same after `bashcompinit`
 * @throws WrongUsage
 */
export function completion(shells: string[]): string {
  const [shell, ...others] = shells
  if ((shell !== 'bash' && shell !== 'zsh') || others.length > 0) {
    throw new WrongUsage(`Expected completion bash or completion zsh, found ${shells.join(' ') || 'neither'}.`)
  }
  const words: Record<string, string[]> = {
    probe: [...adapterNames, '--json', '--once'],
    collect: ['--config'],
    completion: ['bash', 'zsh'],
    ...Object.fromEntries(
      Object.entries(apiCommands).map(([command, options]) => [
        command,
        [...(command === 'list' ? ['panel', 'ftp'] : []), ...Object.keys(options).map((name) => `--${name}`)],
      ]),
    ),
  }
  const cases = Object.entries(words).map(([command, some]) => `    ${command}) words="${some.join(' ')}" ;;`)
  return [
    ...(shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : []),
    '_adminjs_sessions() {',
    '  local words',
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    `    *) words="${Object.keys(words).join(' ')} --help" ;;`,
    '  esac',
    `  [ "$COMP_CWORD" -eq 1 ] && words="${Object.keys(words).join(' ')} --help"`,
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _adminjs_sessions adminjs-sessions',
    '',
  ].join('\n')
}
