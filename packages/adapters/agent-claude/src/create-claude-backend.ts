import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { AgentBackend, AgentProbe } from '@coxswain/agents'
import { findSandbox, type Sandbox } from '@coxswain/sandbox'
import { isCoxError } from '@coxswain/kernel'
import { findClaude, isTooOld, minimumVersionText, readVersion } from './find-claude.ts'
import { openClaudeSession } from './open-claude-session.ts'
import { credentialsFile, userConfigDir } from './prepare-home.ts'

export interface ClaudeBackendOptions {
  /** The user's environment: PATH finds the program, HOME or CLAUDE_CONFIG_DIR the login; only what Claude needs is passed on. */
  readonly environment: Readonly<Record<string, string>>
  /** Name or path of the program, when it is not `claude` on PATH. */
  readonly program?: string
  /** `none` runs without bubblewrap where it would work: then every command is asked for. */
  readonly sandbox?: 'auto' | 'none'
  /** What of the person's home it may read, beside tools. */
  readonly readable?: readonly string[]
}

/** Anthropic's Claude Code, driven through its stream-json mode. */
export function createClaudeBackend(options: ClaudeBackendOptions): AgentBackend {
  return {
    name: 'claude',
    capabilities: {
      steer: true,
      resume: true,
      approvals: true,
      reattach: true,
      ownSandbox: false,
      usage: 'by-class',
      cost: true,
    },
    probe: () => probe(options),
    openSession: async (session) => {
      const program = await findClaude(options.program ?? null, options.environment)
      const { environment: userEnvironment, readable = [] } = options
      return openClaudeSession(session, { program, userEnvironment, sandbox: await sandboxOf(options), readable })
    },
  }
}

async function sandboxOf(options: ClaudeBackendOptions): Promise<Sandbox> {
  if (options.sandbox !== 'none') return findSandbox(options.environment)
  return { kind: 'none', reason: 'the configuration says so', hint: 'Remove the setting to use bubblewrap.' }
}

async function probe(options: ClaudeBackendOptions): Promise<AgentProbe> {
  const { environment } = options
  const sandbox = await sandboxOf(options)
  try {
    const program = await findClaude(options.program ?? null, environment)
    const version = await readVersion(program, environment)
    const isLogged = isLoggedIn(environment)
    const problems = [
      ...(version === null ? [`${program} does not tell its version: is it Claude Code?`] : []),
      ...(version !== null && isTooOld(version) ? [`claude ${version} is too old: install ${minimumVersionText} or newer.`] : []),
      ...(isLogged
        ? []
        : [
            'claude is not logged in: run `claude` once, or `claude setup-token` and set CLAUDE_CODE_OAUTH_TOKEN, or set ANTHROPIC_API_KEY.',
          ]),
    ]
    return { program, version, login: isLogged ? 'yes' : 'no', sandbox: sandbox.kind, problems }
  } catch (error) {
    if (!isCoxError(error, 'AGENT_NOT_INSTALLED')) throw error
    return {
      program: null,
      version: null,
      login: 'unknown',
      sandbox: sandbox.kind,
      problems: [`${error.message}. ${error.hint}`],
    }
  }
}

const loginVariables = [
  'ANTHROPIC_API_KEY',
  'ANTHROPIC_AUTH_TOKEN',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
]

function isLoggedIn(environment: Readonly<Record<string, string>>): boolean {
  const configDir = userConfigDir(environment)
  const hasFile = configDir !== null && existsSync(join(configDir, credentialsFile))
  return hasFile || loginVariables.some((name) => (environment[name] ?? '') !== '')
}
