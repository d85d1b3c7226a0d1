import process from 'node:process'
import { findSandbox, openRepository, readEnvironment, runCommand } from '@coxswain/host'
import { errorMessage, isCoxError, seconds } from '@coxswain/kernel'
import { HarnessConfig } from '@coxswain/model'
import { loadConfig } from '@coxswain/steering'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'

interface Finding {
  readonly subject: string
  readonly status: 'ok' | 'warning' | 'problem'
  readonly what: string
  readonly fix: string | null
}

export async function examine(this: CliContext, flags: CommonFlags & { readonly agent?: readonly string[] }): Promise<void> {
  await present(this, flags, async () => {
    const environment = readEnvironment()
    const { config, findings: repositoryFindings } = await examineRepository(flags.directory ?? process.cwd())
    const agents = flags.agent ?? [...new Set([config.agent, 'codex', 'claude', 'rewriter'])]
    const findings = [await examineGit(environment), ...repositoryFindings, await examineSandbox(environment)]
    for (const agent of agents) findings.push(await examineAgent(agent, config, environment))
    const blocking = findings.some(
      (finding) =>
        finding.status === 'problem' &&
        (!finding.subject.startsWith('agent ') || finding.subject === `agent ${config.agent}` || flags.agent !== undefined),
    )
    const lines = findings.map(
      ({ subject, status, what, fix }) =>
        `${status === 'ok' ? 'ok     ' : status} ${subject}: ${what}${fix === null ? '' : `\n        ${fix}`}`,
    )
    return { json: { ok: !blocking, findings }, text: lines.join('\n'), exitCode: blocking ? 1 : 0 }
  })
}

async function examineGit(env: Readonly<Record<string, string>>): Promise<Finding> {
  try {
    const { stdout } = await runCommand({ command: ['git', '--version'], cwd: '/', env, timeout: seconds(10) })
    const version = /(\d+)\.(\d+)/.exec(stdout)
    const isNew = version !== null && (Number(version[1]) > 2 || Number(version[2]) >= 38)
    return {
      subject: 'git',
      status: isNew ? 'ok' : 'problem',
      what: stdout.trim(),
      fix: isNew ? null : 'Install git 2.38 or newer (merge-tree --write-tree).',
    }
  } catch (error) {
    return { subject: 'git', status: 'problem', what: errorMessage(error), fix: 'Install git 2.38 or newer.' }
  }
}

async function examineRepository(folder: string): Promise<{ config: HarnessConfig; findings: Finding[] }> {
  try {
    const repository = await openRepository(folder)
    const config = await loadConfig(repository.root)
    if (config === null)
      return {
        config: HarnessConfig.parse({}),
        findings: [
          {
            subject: 'harness',
            status: 'problem',
            what: `${repository.root} has no harness/harness.yaml`,
            fix: 'Run `cox init`.',
          },
        ],
      }
    const gates =
      config.gates.length === 0
        ? [
            {
              subject: 'gates',
              status: 'warning' as const,
              what: 'none: nothing proves a change',
              fix: 'Add your tests to `gates` in harness/harness.yaml.',
            },
          ]
        : []
    return {
      config,
      findings: [
        {
          subject: 'harness',
          status: 'ok',
          what: `${config.gates.length} gates, landing ${config.landing.policy}, agent ${config.agent}`,
          fix: null,
        },
        ...gates,
      ],
    }
  } catch (error) {
    if (!isCoxError(error)) throw error
    return {
      config: HarnessConfig.parse({}),
      findings: [{ subject: 'harness', status: 'problem', what: error.message, fix: error.hint }],
    }
  }
}

async function examineSandbox(env: Readonly<Record<string, string>>): Promise<Finding> {
  const sandbox = await findSandbox(env)
  if (sandbox.kind === 'none') return { subject: 'sandbox', status: 'warning', what: sandbox.reason, fix: sandbox.hint }
  return { subject: 'sandbox', status: 'ok', what: `bubblewrap at ${sandbox.program}`, fix: null }
}

async function examineAgent(
  name: string,
  config: HarnessConfig,
  environment: Readonly<Record<string, string>>,
): Promise<Finding> {
  const subject = `agent ${name}`
  try {
    const { createBackend } = await import('@coxswain/daemon')
    const probe = await createBackend(name, config, environment).probe({ environment, signal: AbortSignal.timeout(30_000) })
    const what = [probe.program ?? 'not found', probe.version, `login ${probe.login}`, `sandbox ${probe.sandbox}`]
      .filter(Boolean)
      .join(', ')
    return {
      subject,
      status: probe.problems.length === 0 ? 'ok' : 'problem',
      what,
      fix: probe.problems.length === 0 ? null : probe.problems.join(' '),
    }
  } catch (error) {
    return { subject, status: 'problem', what: errorMessage(error), fix: isCoxError(error) ? error.hint : null }
  }
}
