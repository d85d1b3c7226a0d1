import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readEnvironment, runCommand, scrubEnvironment } from '@coxswain/host'
import { lazySchema } from '@coxswain/facts'
import { minutes } from '@coxswain/kernel'
import type { z } from 'zod'
import { print } from '../engine/finish-findings.ts'
import type { Finding } from '../finding.ts'
import type { ExtraScope } from './run-patterns.ts'

const output = lazySchema((z) =>
  z.object({
    diagnostics: z.array(
      z.object({
        message: z.string(),
        code: z.string().optional(),
        severity: z.string().default('error'),
        help: z.string().optional(),
        filename: z.string(),
        labels: z.array(z.object({ span: z.object({ line: z.number().optional(), column: z.number().optional() }) })).default([]),
      }),
    ),
  }),
)

export interface LintOutcome {
  readonly findings: readonly Finding[]
  /** What keeps silence from being taken for a clean result. */
  readonly notes: readonly string[]
}
const nothing: LintOutcome = { findings: [], notes: [] }

/** Findings of the repository's own oxlint, when it has one: generic lint is not repeated here. */
export async function runOxlint(scope: ExtraScope): Promise<LintOutcome> {
  const program = join(scope.root, 'node_modules/.bin/oxlint')
  const isConfigured = ['.oxlintrc.json', 'oxlint.config.ts'].some((name) => existsSync(join(scope.root, name)))
  if (scope.config.oxlint === 'off' || !scope.config.hasHarness || !isConfigured) return nothing
  if (!existsSync(program)) return { findings: [], notes: ['oxlint is configured but not installed: its rules were not checked'] }
  const targets = scope.files.length > mostTargets ? [] : scope.files.filter((file) => /\.[cm]?[jt]sx?$/.test(file))
  if (targets.length === 0 && scope.files.length <= mostTargets) return nothing
  const result = await runCommand({
    command: [program, '--format', 'json', ...(isTyped(scope) ? ['--type-aware'] : []), ...targets],
    cwd: scope.root,
    env: scrubEnvironment(readEnvironment()),
    timeout: minutes(5),
    maxOutputBytes: 256 * 1024 * 1024,
    ...(scope.signal && { signal: scope.signal }),
  })
  const start = result.stdout.indexOf('{')
  const parsed = start === -1 ? null : output().safeParse(parseJson(result.stdout.slice(start)))
  if (parsed === null || !parsed.success)
    return { findings: [], notes: [`oxlint gave no report (${lastLine(result)}): its rules were not checked`] }
  const counts = new Map<string, number>()
  const findings = parsed.data.diagnostics.map((entry) => {
    const place = `${entry.code}\0${entry.filename}\0${entry.message}`
    const nth = counts.get(place) ?? 0
    counts.set(place, nth + 1)
    return toFinding(entry, nth)
  })
  return { findings, notes: [] }
}

/** What another program said of itself before it gave up. */
function lastLine({ stderr, stdout, exitCode }: Ended): string {
  const said = `${stdout}\n${stderr}`.split('\n').findLast((line) => line.trim() !== '')
  return said === undefined ? `it ended with ${exitCode ?? 'a signal'}` : said.trim().slice(0, 120)
}

interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** Types that travel need the whole program and its time: in CI, where the typed linter is installed, or where a house asks for it. */
function isTyped({ root, config }: ExtraScope): boolean {
  if (config.oxlint === 'typed') return true
  const isContinuousIntegration = !['', 'false', '0', undefined].includes(readEnvironment()['CI'])
  return isContinuousIntegration && existsSync(join(root, 'node_modules/.bin/tsgolint'))
}

/** More paths than a command line comfortably takes: then all files are linted. */
const mostTargets = 400

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // another program's output: no findings, no crash
  }
}

function toFinding(entry: z.infer<ReturnType<typeof output>>['diagnostics'][number], nth: number): Finding {
  const span = entry.labels[0]?.span
  const rule = `oxlint/${entry.code ?? 'syntax'}`
  return {
    rule,
    severity: entry.severity === 'error' ? 'error' : 'warning',
    file: entry.filename,
    line: span?.line ?? 1,
    column: span?.column ?? 1,
    what: entry.message,
    why: 'Reported by the repository’s own oxlint.',
    fix: [entry.help ?? 'Follow the message; oxlint explains the rule with `oxlint --rules`.'],
    see: '.oxlintrc.json',
    fingerprint: print(`${rule}\0${entry.filename}\0${entry.message}\0${nth}`),
    moveKey: print(`${rule}\0${entry.message}`),
  }
}
