import { chmod, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { readEnvironment, runCommand, type CommandResult } from '@coxswain/host'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { propose } from './propose.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))
let home: string

beforeAll(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'cox-completion-')))
  const program = join(home, 'cox')
  await writeFile(program, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`)
  await chmod(program, 0o755)
})

afterAll(async () => {
  await rm(home, { recursive: true, force: true })
})

test('commands, subcommands and flags are proposed with what is behind them', async () => {
  expect(await propose(['ta'])).toBe('task\tAdd, list, show and cancel tasks\n')
  expect(await propose(['task', 'li'])).toBe('list\tList tasks\n')
  expect(await propose(['up', '--de'])).toBe('--detached\tReturn once it runs\n')
  expect(await propose(['completion', 'install', '--shell', 'f'])).toBe('fish\tDefault: the one of $SHELL\n')
  expect(await propose(['no such command', 'x'])).toBe('')
  expect(await propose(['-C', '/some/folder', 'ta'])).toBe('task\tAdd, list, show and cancel tasks\n')
  expect(await propose(['-C', '/some/fol'])).toBe('')
})

test('bash completes with the script that cox prints', async () => {
  const script = `eval "$(cox completion bash)"; complete -p cox; ${complete('cox', 'ta')}; ${complete('cox', 'run', '--budget-t')}; ${complete('cox', 'nothing', 'like')}`
  expect(await run('bash', '-c', script)).toMatchObject({
    exitCode: 0,
    stderr: '',
    stdout: 'complete -o default -F _cox cox\n[task]\n[--budget-tokens][--budget-time]\n\n',
  })
})

test('bash completes an alias, too', async () => {
  const script = `shopt -s expand_aliases; alias mine="${join(home, 'cox')} -C /"; eval "$(cox completion bash)"; ${complete('mine', 'ta')}`
  expect(await run('bash', '-c', script)).toMatchObject({ exitCode: 0, stderr: '', stdout: '[task]\n' })
})

test('install writes where the shell looks, and says what is left to do', async () => {
  const file = join(home, '.local/share/bash-completion/completions/cox')
  const installed = await run('cox', 'completion', 'install', '--json')
  expect(JSON.parse(installed.stdout)).toEqual({ shell: 'bash', file })
  expect(await readFile(file, 'utf8')).toBe((await run('cox', 'completion', 'bash')).stdout)
  const fish = await run('cox', 'completion', 'install', '--shell', 'fish')
  expect(fish.stdout).toBe(`${join(home, '.config/fish/completions/cox.fish')} written. New shells complete \`cox\`.\n`)
})

test('a shell without completion is named', async () => {
  expect(await run('env', 'SHELL=/bin/tcsh', 'cox', 'completion', 'install')).toMatchObject({
    exitCode: 2,
    stderr:
      'SHELL_UNKNOWN: There is no completion for the shell "tcsh"\n  Name one: cox completion install --shell bash|zsh|fish.\n',
  })
})

/** What bash does at a tab. */
function complete(...words: readonly string[]): string {
  return `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _cox; printf '[%s]' "\${COMPREPLY[@]}" | sed 's/^\\[\\]$//'; echo`
}

function run(...command: readonly string[]): Promise<CommandResult> {
  const path = `${home}:${readEnvironment()['PATH'] ?? ''}`
  return runCommand({ command, cwd: home, env: { PATH: path, HOME: home, SHELL: '/bin/bash' } })
}
