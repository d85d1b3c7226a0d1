import { findProgram, runCommand } from '@coxswain/host'
import { errorMessage, seconds } from '@coxswain/kernel'
import { findCodexBubblewrap } from './find-codex-bubblewrap.ts'
import type { SandboxPlan } from './sandbox-plan.ts'
import { startPlan, type SandboxForm } from './start-plan.ts'

export type Sandbox =
  | UsableSandbox
  /** `reason` says what is in the way, `hint` what to do about it. */
  | { readonly kind: 'none'; readonly reason: string; readonly hint: string }

export interface UsableSandbox extends SandboxForm {
  /** The form that mounts overlays: this one, or another that works here. */
  readonly overlaying: SandboxForm | null
}

type Environment = Readonly<Record<string, string>>

interface Candidate {
  readonly kind: SandboxForm['kind']
  readonly find: (env: Environment) => Promise<string | null>
}

/** The first that works is used. */
const candidates: readonly Candidate[] = [
  { kind: 'bubblewrap', find: (env) => findProgram('bwrap', env) },
  { kind: 'bubblewrap', find: findCodexBubblewrap },
  { kind: 'namespaces', find: (env) => findProgram('perl', env) },
  { kind: 'landlock', find: (env) => findProgram('perl', env) },
  { kind: 'seatbelt', find: async (env) => (process.platform === 'darwin' ? findProgram('sandbox-exec', env) : null) },
]

const tried = new Map<string, Promise<Sandbox>>()

/** What contains commands on this machine: tried once per PATH by running it, because kernels and containers often forbid it. */
export function findSandbox(env: Environment): Promise<Sandbox> {
  const path = env['PATH'] ?? ''
  const known = tried.get(path)
  if (known !== undefined) return known
  const found = trySandboxes(env)
  tried.set(path, found)
  return found
}

/** Every form that works on this machine, the best first. */
export async function findForms(env: Environment): Promise<UsableSandbox[]> {
  const forms: UsableSandbox[] = []
  for (const candidate of candidates) {
    const { form } = await tryForm(candidate, env)
    if (form !== null) forms.push({ ...form, overlaying: (await hasOverlays(form, env)) ? form : null })
  }
  return forms
}

async function trySandboxes(env: Environment): Promise<Sandbox> {
  const refusals: string[] = []
  let first: SandboxForm | null = null
  for (const candidate of candidates) {
    const { form, refusal } = await tryForm(candidate, env)
    if (refusal !== null) refusals.push(refusal)
    if (form === null) continue
    first ??= form
    if (await hasOverlays(form, env)) return { ...first, overlaying: form }
  }
  if (first !== null) return { ...first, overlaying: null }
  if (refusals.length === 0) return nothingInstalled
  return {
    kind: 'none',
    reason: [...new Set(refusals)].join('; '),
    hint: 'Allow unprivileged user namespaces, or run where they are allowed.',
  }
}

const nothingInstalled: Sandbox = {
  kind: 'none',
  reason: 'neither bubblewrap (bwrap) nor Perl is installed',
  hint: 'Install the package bubblewrap.',
}

interface Trial {
  readonly form: SandboxForm | null
  readonly refusal: string | null
}

async function tryForm({ kind, find }: Candidate, env: Environment): Promise<Trial> {
  const program = await find(env)
  if (program === null) return { form: null, refusal: null }
  const form = { kind, program }
  const refusal = await tryOnce(form, env)
  return refusal === null ? { form, refusal } : { form: null, refusal: `${program} does not work here: ${refusal}` }
}

/** With everything that any plan asks for. */
const trial: SandboxPlan = {
  command: ['/bin/sh', '-c', ':'],
  cwd: '/',
  steps: [
    { kind: 'private', path: '/tmp' },
    { kind: 'hide', path: '/run' },
  ],
  network: 'none',
  user: 'same',
  variables: {},
}

async function tryOnce(form: SandboxForm, env: Environment): Promise<string | null> {
  try {
    const result = await runCommand({ command: await startPlan(form, trial), cwd: '/', env, timeout: seconds(60) })
    return result.exitCode === 0 ? null : result.stderr.trim() || `exit code ${result.exitCode}`
  } catch (error) {
    return errorMessage(error)
  }
}

/** Bubblewrap has them since 0.11; the one in codex's package tells no version. */
async function hasOverlays({ kind, program }: SandboxForm, env: Environment): Promise<boolean> {
  if (kind !== 'bubblewrap') return kind === 'namespaces'
  const { stdout } = await runCommand({ command: [program, '--help'], cwd: '/', env, timeout: seconds(60) })
  return stdout.includes('--overlay-src')
}
