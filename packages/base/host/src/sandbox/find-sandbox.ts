import { errorMessage, seconds } from '@coxswain/kernel'
import { findProgram } from '../find-program.ts'
import { runCommand } from '../process/run-command.ts'
import { sandboxFlags } from './sandbox-command.ts'

export type Sandbox =
  | { readonly kind: 'bubblewrap'; readonly program: string }
  /** `reason` says what is in the way, `hint` what to do about it. */
  | { readonly kind: 'none'; readonly reason: string; readonly hint: string }

const tried = new Map<string, Promise<Sandbox>>()

/** Bubblewrap, if it is there and this machine lets it work: tried once per PATH, because kernels and containers often forbid it. */
export function findSandbox(env: Readonly<Record<string, string>>): Promise<Sandbox> {
  const path = env['PATH'] ?? ''
  const known = tried.get(path)
  if (known !== undefined) return known
  const found = trySandbox(env)
  tried.set(path, found)
  return found
}

async function trySandbox(env: Readonly<Record<string, string>>): Promise<Sandbox> {
  const program = await findProgram('bwrap', env)
  if (program === null) {
    return { kind: 'none', reason: 'bubblewrap (bwrap) is not installed', hint: 'Install the package bubblewrap.' }
  }
  const refusal = await tryOnce(program, env)
  if (refusal === null) return { kind: 'bubblewrap', program }
  return {
    kind: 'none',
    reason: `${program} does not work here: ${refusal}`,
    hint: 'Allow unprivileged user namespaces, or run where they are allowed.',
  }
}

async function tryOnce(program: string, env: Readonly<Record<string, string>>): Promise<string | null> {
  try {
    const command = [program, ...sandboxFlags, '--unshare-net', '--', 'sh', '-c', ':']
    const result = await runCommand({ command, cwd: '/', env, timeout: seconds(60) })
    return result.exitCode === 0 ? null : result.stderr.trim() || `exit code ${result.exitCode}`
  } catch (error) {
    return errorMessage(error)
  }
}
