import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { findProgram, runCommand } from '@coxswain/host'
import { CoxError, isOlderVersion, seconds } from '@coxswain/kernel'

/** The oldest app-server that speaks what this room speaks. */
const minimumVersion: readonly number[] = [0, 169, 0]

/**
 * The native binary behind `codex`: npm installs a Node script in front of it, which would take the signals meant for codex and 40 MB more.
 * @throws CoxError AGENT_NOT_INSTALLED
 */
export async function findCodex(program: string | null, environment: Readonly<Record<string, string>>): Promise<string> {
  const found = await findProgram(program ?? 'codex', environment)
  if (found === null) {
    throw new CoxError('AGENT_NOT_INSTALLED', `The program ${program ?? 'codex'} is not installed`, {
      hint: 'Install it with `npm install --global @openai/codex`, or set its path in the configuration.',
      data: { program: program ?? 'codex' },
    })
  }
  return (await nativeBinary(found)) ?? found
}

const triples: Readonly<Record<string, string>> = {
  'linux-x64': 'x86_64-unknown-linux-musl',
  'linux-arm64': 'aarch64-unknown-linux-musl',
  'darwin-x64': 'x86_64-apple-darwin',
  'darwin-arm64': 'aarch64-apple-darwin',
}

async function nativeBinary(found: string): Promise<string | null> {
  const script = await realpath(found)
  if (!script.endsWith('.js')) return null
  const host = `${process.platform}-${process.arch}`
  const inPackage = join(`@openai/codex-${host}`, 'vendor', triples[host] ?? '', 'bin/codex')
  const codexPackage = dirname(dirname(script))
  const candidates = [join(codexPackage, 'node_modules', inPackage), join(dirname(dirname(codexPackage)), inPackage)]
  return candidates.find((path) => existsSync(path)) ?? null
}

/** `0.169.0` out of `codex-cli 0.169.0`; null when the program says something else. */
export async function readVersion(program: string, environment: Readonly<Record<string, string>>): Promise<string | null> {
  const result = await runCommand({ command: [program, '--version'], cwd: '/', env: environment, timeout: seconds(20) })
  return /\b(\d+\.\d+\.\d+\S*)/.exec(result.stdout)?.[1] ?? null
}

export function isTooOld(version: string): boolean {
  return isOlderVersion(version, minimumVersion)
}

export const minimumVersionText: string = minimumVersion.join('.')
