import { resolve } from 'node:path'
import process from 'node:process'
import { findProgram, openRepository, readEnvironment, runCommand, type Repository } from '@coxswain/host'
import { findSandbox, isPartial, type UsableSandbox } from '@coxswain/sandbox'
import { counted, errorMessage, isCoxError, seconds } from '@coxswain/kernel'
import { HarnessConfig } from '@coxswain/model'
import { loadConfig } from '@coxswain/steering'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import type { Finding } from './doctor-finding.ts'
import { examineClone } from './doctor-repository.ts'
import { probeAgent, type AgentProbe, type ProbeRequest } from '../probe-agent.ts'

export async function examine(this: CliContext, flags: CommonFlags & { readonly agent?: readonly string[] }): Promise<void> {
  await present(this, flags, async () => {
    const environment = readEnvironment()
    const { config, isKnown, root, findings: repositoryFindings } = await examineRepository(flags.directory ?? process.cwd())
    const agents = flags.agent ?? [...new Set([config.agent, 'codex', 'claude', 'rewriter'])]
    const findings = [await examineGit(environment), ...repositoryFindings, await examineSandbox(environment)]
    const isAsked = (agent: string): boolean => (isKnown && agent === config.agent) || flags.agent !== undefined
    for (const agent of agents) {
      const finding = await examineAgent({ agent, config, environment, cwd: root })
      findings.push(finding.status === 'problem' && !isAsked(agent) ? { ...finding, status: 'info' } : finding)
    }
    const blocking = findings.some(({ status }) => status === 'problem')
    const lines = findings.map(
      ({ subject, status, what, fix }) => `${status.padEnd(7)} ${subject}: ${what}${fix === null ? '' : `\n        ${fix}`}`,
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

interface Examined {
  readonly config: HarnessConfig
  /** False for a configuration that cannot be read: its agent is not the one of the defaults. */
  readonly isKnown: boolean
  readonly root: string
  readonly findings: readonly Finding[]
}

async function examineRepository(folder: string): Promise<Examined> {
  const fallback = { config: HarnessConfig.parse({}), isKnown: false, root: resolve(folder) }
  try {
    const repository = await openRepository(folder)
    const { root } = repository
    const clone = await examineClone(repository)
    const config = await loadConfig(repository.root)
    if (config !== null)
      return { config, isKnown: true, root, findings: [...(await examineHarness(repository, config)), ...clone] }
    const what = `${repository.root} has no harness/harness.yaml`
    return { ...fallback, root, findings: [{ subject: 'harness', status: 'problem', what, fix: 'Run `cox init`.' }, ...clone] }
  } catch (error) {
    if (!isCoxError(error)) throw error
    return { ...fallback, findings: [problemOf('harness', error)] }
  }
}

async function examineHarness(repository: Repository, config: HarnessConfig): Promise<Finding[]> {
  const { gates, landing, agent } = config
  const what = `${counted(gates.length, 'gate')}, landing ${landing.policy}, agent ${agent}`
  const findings: Finding[] = [{ subject: 'harness', status: 'ok', what, fix: null }]
  if (gates.length === 0) {
    const fix = 'Add your tests to `gates` in harness/harness.yaml.'
    findings.push({ subject: 'gates', status: 'warning', what: 'none: nothing proves a change', fix })
  }
  for (const gate of gates) findings.push(...(await examineGate(gate, repository.root)))
  const { landingBranch } = await import('@coxswain/daemon')
  await landingBranch(repository, config).catch((error: unknown) => findings.push(problemOf('branch', error)))
  return findings
}

async function examineGate({ name, command }: HarnessConfig['gates'][number], root: string): Promise<Finding[]> {
  const [program = ''] = command
  const path = program.includes('/') ? resolve(root, program) : program
  if ((await findProgram(path, readEnvironment())) !== null) return []
  const fix = 'Install it, or correct `gates` in harness/harness.yaml.'
  return [{ subject: `gate ${name}`, status: 'problem', what: `"${program}" was not found or is not executable`, fix }]
}

function problemOf(subject: string, error: unknown): Finding {
  return { subject, status: 'problem', what: errorMessage(error), fix: isCoxError(error) ? error.hint : null }
}

async function examineSandbox(env: Readonly<Record<string, string>>): Promise<Finding> {
  const sandbox = await findSandbox(env)
  if (sandbox.kind === 'none') return { subject: 'sandbox', status: 'warning', what: sandbox.reason, fix: sandbox.hint }
  if (isPartial(sandbox))
    return {
      subject: 'sandbox',
      status: 'warning',
      what: `partial (${sandbox.kind}): nothing lands without approval`,
      fix: allowNamespaces,
    }
  return { subject: 'sandbox', status: 'ok', what: describeForm(sandbox), fix: null }
}

const allowNamespaces = 'Allow unprivileged user namespaces.'

function describeForm({ kind, program }: UsableSandbox): string {
  return kind === 'bubblewrap' ? `bubblewrap at ${program}` : `namespaces, started by ${program}`
}

async function examineAgent(request: ProbeRequest): Promise<Finding> {
  const subject = `agent ${request.agent}`
  try {
    const { program, version, login, sandbox, introduction, problems } = await probeAgent(request)
    const what = [program ?? 'not found', version, `login ${login}`, `sandbox ${sandbox}`, introduced(introduction)]
    return {
      subject,
      status: problems.length === 0 ? 'ok' : 'problem',
      what: what.filter(Boolean).join(', '),
      fix: problems.length === 0 ? null : problems.join(' '),
    }
  } catch (error) {
    return problemOf(subject, error)
  }
}

function introduced(introduction: AgentProbe['introduction']): string | null {
  if (introduction === undefined) return null
  const { name, version, logins } = introduction
  const who = [name ?? 'an agent without a name', version].filter(Boolean).join(' ')
  return `answers as ${who}${logins.length === 0 ? '' : `, offers the logins ${logins.join(', ')}`}`
}
