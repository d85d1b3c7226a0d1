import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { runCommand } from '@coxswain/host'
import { minutes, seconds } from '@coxswain/kernel'
import { z } from 'zod'
import type { WorkspaceCopy } from './copy-workspace.ts'

/** What of vitest's JSON report is read. */
const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
      ),
    }),
  ),
})

export type TestOutcome =
  | { readonly kind: 'passed' }
  /** A test said what is wrong. */
  | { readonly kind: 'failed'; readonly test: string }
  /** Nothing was judged: files that do not load, code that is no code, tests that do not end. */
  | { readonly kind: 'broken'; readonly why: string }

interface TestRun {
  readonly copy: WorkspaceCopy
  readonly tests: readonly string[]
  readonly signal: AbortSignal
}

const longestRun = minutes(5)

/** Runs tests of the copy until the first failure. */
export async function runTests({ copy, tests, signal }: TestRun): Promise<TestOutcome> {
  const reportFile = join(copy.root, 'node_modules', 'sabotage-report.json')
  rmSync(reportFile, { force: true })
  const options = ['--bail=1', '--reporter=json', `--outputFile=${reportFile}`]
  const result = await runCommand({
    command: [process.execPath, 'node_modules/vitest/vitest.mjs', 'run', ...tests, ...options],
    cwd: copy.root,
    env: copy.env,
    timeout: longestRun,
    signal,
  })
  copy.tidy()
  if (result.timedOut) return { kind: 'broken', why: `the tests did not end within ${longestRun / seconds(60)} minutes` }
  if (!existsSync(reportFile)) return { kind: 'broken', why: lastLine(result.stderr) || `vitest ended with ${result.exitCode}` }
  const outcome = outcomeOf(Report.parse(JSON.parse(readFileSync(reportFile, 'utf8'))))
  if (outcome.kind === 'passed' && result.exitCode !== 0) return { kind: 'broken', why: lastLine(result.stderr) }
  return outcome
}

function outcomeOf({ testResults }: z.infer<typeof Report>): TestOutcome {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const failed = tests.filter(({ status }) => status === 'failed')
  const saying = failed.find(({ failureMessages }) => failureMessages?.some(isStatement))
  if (saying !== undefined) return { kind: 'failed', test: saying.fullName }
  const [silent] = failed
  if (silent !== undefined)
    return { kind: 'broken', why: `${silent.fullName}: ${silent.failureMessages?.[0]?.split('\n', 1)[0] ?? ''}` }
  const unloaded = testResults.find(({ status }) => status === 'failed')
  if (unloaded !== undefined) return { kind: 'broken', why: `${unloaded.name}: ${unloaded.message.split('\n', 1)[0]}` }
  return tests.some(({ status }) => status === 'passed') ? { kind: 'passed' } : { kind: 'broken', why: 'no test ran' }
}

/** Code that is no code, and a limit of time, say nothing about a promise. */
function isStatement(message: string): boolean {
  return !/^(?:SyntaxError|ReferenceError|TypeError)\b|^(?:Error: )?(?:Test|Hook) timed out\b/.test(message)
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
