import type { AgentBackend, AgentProbe, ProbeOptions } from '@coxswain/agents'
import { runCommand } from '@coxswain/host'
import { CoxError, seconds } from '@coxswain/kernel'
import { findAstGrep } from './find-ast-grep.ts'
import { RewriterSession } from './rewriter-session.ts'

/** Applies the rules and edits that a task carries: no model, no tokens. */
export function createRewriterBackend(): AgentBackend {
  return {
    name: 'rewriter',
    capabilities: {
      steer: false,
      resume: false,
      approvals: false,
      reattach: false,
      ownSandbox: true,
      usage: 'none',
      cost: false,
    },
    probe,
    openSession: async (options) => {
      const program = findAstGrep(process.platform, process.arch)
      if (program === null) throw notInstalled()
      return new RewriterSession(options, program)
    },
  }
}

async function probe({ environment, signal }: ProbeOptions): Promise<AgentProbe> {
  const program = findAstGrep(process.platform, process.arch)
  const base = { login: 'yes', sandbox: 'own' } as const
  if (program === null)
    return { ...base, program, version: null, problems: [`${notInstalled().message}. ${notInstalled().hint}`] }
  const { stdout } = await runCommand({
    command: [program, '--version'],
    cwd: '/',
    env: environment,
    timeout: seconds(20),
    signal,
  })
  return { ...base, program, version: /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? null, problems: [] }
}

function notInstalled(): CoxError {
  return new CoxError('AGENT_NOT_INSTALLED', `The rewriter has no ast-grep for ${process.platform}-${process.arch}`, {
    hint: 'Install again with optional dependencies, or use another agent.',
  })
}
