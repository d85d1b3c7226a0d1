import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentBackend, AgentProbe, PriceOf } from '@coxswain/agents'
import { runCommand } from '@coxswain/host'
import { isCoxError, seconds } from '@coxswain/kernel'
import { findSandbox, type Sandbox } from '@coxswain/sandbox'
import { findCodex, isTooOld, minimumVersionText, readVersion } from './find-codex.ts'
import { openCodexSession } from './open-codex-session.ts'
import { namedKeys, userCodexHome } from './prepare-home.ts'

export interface CodexBackendOptions {
  /** The user's environment: PATH finds the program, HOME or CODEX_HOME the login; only what codex needs is passed on. */
  readonly environment: Readonly<Record<string, string>>
  /** Name or path of the program, when it is not `codex` on PATH. */
  readonly program?: string
  /** Codex counts tokens and knows no prices. */
  readonly price?: PriceOf
  /** `none`: its own sandbox alone. */
  readonly sandbox?: 'auto' | 'none'
  /** What of the person's home it may read, beside tools. */
  readonly readable?: readonly string[]
}

const switchedOff: Sandbox = { kind: 'none', reason: 'the configuration says so', hint: 'Remove the setting.' }

/** OpenAI's Codex, driven through `codex app-server`. */
export function createCodexBackend(options: CodexBackendOptions): AgentBackend {
  return {
    name: 'codex',
    capabilities: {
      steer: true,
      resume: true,
      approvals: true,
      reattach: true,
      ownSandbox: true,
      usage: 'by-class',
      cost: options.price !== undefined,
    },
    probe: () => probe(options),
    openSession: async (session) => {
      const program = await findCodex(options.program ?? null, options.environment)
      const { environment: userEnvironment, price = () => null, readable = [] } = options
      const sandbox = options.sandbox === 'none' ? switchedOff : await findSandbox(userEnvironment)
      return openCodexSession(session, { program, userEnvironment, price, sandbox, readable })
    },
  }
}

async function probe(options: CodexBackendOptions): Promise<AgentProbe> {
  const { environment } = options
  try {
    const program = await findCodex(options.program ?? null, environment)
    const version = await readVersion(program, environment)
    const login = await isLoggedIn(environment)
    const sandboxProblem = await trySandbox(program, environment)
    const problems = [
      ...(version === null ? [`${program} does not tell its version: is it codex?`] : []),
      ...(version !== null && isTooOld(version) ? [`codex ${version} is too old: install ${minimumVersionText} or newer.`] : []),
      ...(login ? [] : ['codex is not logged in: run `codex login`, or configure a model provider with an env_key that is set.']),
      ...(sandboxProblem === null ? [] : [sandboxProblem]),
    ]
    return { program, version, login: login ? 'yes' : 'no', sandbox: 'own', problems }
  } catch (error) {
    if (!isCoxError(error, 'AGENT_NOT_INSTALLED')) throw error
    return { program: null, version: null, login: 'unknown', sandbox: 'own', problems: [`${error.message}. ${error.hint}`] }
  }
}

async function isLoggedIn(environment: Readonly<Record<string, string>>): Promise<boolean> {
  const home = userCodexHome(environment)
  if (home === null) return false
  if (existsSync(join(home, 'auth.json'))) return true
  const keys = await namedKeys(join(home, 'config.toml'))
  return keys.some((name) => (environment[name] ?? '') !== '')
}

/** Codex contains its commands itself, which kernels and containers may forbid: then every command fails while the turn succeeds. */
async function trySandbox(program: string, environment: Readonly<Record<string, string>>): Promise<string | null> {
  const home = userCodexHome(environment)
  if (home === null) return null
  const env = { ...environment, TMPDIR: join(home, 'tmp') }
  const result = await runCommand({
    command: [program, 'sandbox', '--', '/bin/sh', '-c', ':'],
    cwd: '/',
    env,
    timeout: seconds(20),
  })
  if (result.exitCode === 0) return null
  return `codex cannot run commands in its sandbox here (${result.stderr.trim().split('\n').at(-1) ?? ''}): allow unprivileged user namespaces.`
}
