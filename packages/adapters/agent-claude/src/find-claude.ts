import { realpath } from 'node:fs/promises'
import { findProgram, runCommand } from '@coxswain/host'
import { CoxError, isOlderVersion, seconds } from '@coxswain/kernel'

/** The oldest version whose results name the message that they answer. */
const minimumVersion: readonly number[] = [2, 1, 330]

/** Claude Code is proprietary: it is never shipped with us, only found where its user installed it. @throws CoxError AGENT_NOT_INSTALLED */
export async function findClaude(program: string | null, environment: Readonly<Record<string, string>>): Promise<string> {
  const found = await findProgram(program ?? 'claude', environment)
  if (found !== null) return realpath(found)
  throw new CoxError('AGENT_NOT_INSTALLED', `The program ${program ?? 'claude'} is not installed`, {
    hint: 'Install it with `npm install --global @anthropic-ai/claude-code`, or set its path in the configuration.',
    data: { program: program ?? 'claude' },
  })
}

export async function readVersion(program: string, environment: Readonly<Record<string, string>>): Promise<string | null> {
  const result = await runCommand({ command: [program, '--version'], cwd: '/', env: environment, timeout: seconds(20) })
  return /\b(\d+\.\d+\.\d+\S*)/.exec(result.stdout)?.[1] ?? null
}

export function isTooOld(version: string): boolean {
  return isOlderVersion(version, minimumVersion)
}

export const minimumVersionText: string = minimumVersion.join('.')
