import { basename, dirname, join } from 'node:path'
import { mkdir } from 'node:fs/promises'
import { atomicWrite, readEnvironment } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { shells, shellScripts, type Shell } from '../completion/shell-scripts.ts'

type CompletionFlags = Pick<CommonFlags, 'json'>

function print(shell: Shell) {
  return async function (this: CliContext, flags: CompletionFlags): Promise<void> {
    const { text } = shellScripts[shell]
    await present(this, flags, async () => ({ json: { shell, script: text }, text: text.trimEnd() }))
  }
}

export const printers: Readonly<Record<Shell, ReturnType<typeof print>>> = {
  bash: print('bash'),
  zsh: print('zsh'),
  fish: print('fish'),
}

export async function install(this: CliContext, flags: CompletionFlags & { readonly shell?: Shell }): Promise<void> {
  await present(this, flags, async () => {
    const environment = readEnvironment()
    const shell = flags.shell ?? currentShell(environment)
    const { place, text, advice } = shellScripts[shell]
    const file = join(baseFolder(place.base, environment), place.path)
    await mkdir(dirname(file), { recursive: true })
    await atomicWrite(file, text)
    return { json: { shell, file }, text: `${file} written. ${advice}` }
  })
}

type Environment = Readonly<Record<string, string>>

function currentShell({ SHELL = '' }: Environment): Shell {
  const name = basename(SHELL)
  const shell = shells.find((one) => one === name)
  if (shell !== undefined) return shell
  throw new CoxError('SHELL_UNKNOWN', `There is no completion for the shell ${JSON.stringify(name)}`, {
    hint: `Name one: cox completion install --shell ${shells.join('|')}.`,
  })
}

function baseFolder(base: 'data' | 'config', { HOME = '', XDG_DATA_HOME = '', XDG_CONFIG_HOME = '' }: Environment): string {
  const asked = base === 'data' ? XDG_DATA_HOME : XDG_CONFIG_HOME
  if (asked !== '') return asked
  if (HOME === '')
    throw new CoxError('HOME_MISSING', 'HOME is not set', { hint: 'Set it, or print the script: cox completion bash.' })
  return join(HOME, base === 'data' ? '.local/share' : '.config')
}
