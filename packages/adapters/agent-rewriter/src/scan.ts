import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { atomicWrite, makePrivateFolder, startDetached, type DetachedProcess } from '@coxswain/host'
import { CoxError, redact, seconds } from '@coxswain/kernel'
import { z } from 'zod'
import type { RewriteRule } from './read-orders.ts'

export interface ScanRequest {
  readonly program: string
  readonly worktree: string
  /** Of the scan's own files. */
  readonly folder: string
  readonly rules: readonly RewriteRule[]
  /** Relative to the worktree; null: all of it. */
  readonly files: readonly string[] | null
  readonly environment: Readonly<Record<string, string>>
  readonly onProgress: () => void
  readonly signal: AbortSignal
}

export interface RuleMatch {
  readonly file: string
  /** Bytes. What is replaced may be more than what matched. */
  readonly start: number
  readonly end: number
  readonly text: string
  readonly replacement: string
  readonly ruleIndex: number
}

export interface ScanResult {
  readonly matches: readonly RuleMatch[]
  /** Files that do not parse as what their rules take them for. */
  readonly broken: ReadonlySet<string>
}

/** Asks ast-grep, in a process of its own: it may run long over a big repository, and it can be stopped at any time. @throws CoxError REWRITE_INVALID, REWRITE_FAILED; the signal's reason */
export async function scan(request: ScanRequest): Promise<ScanResult> {
  const process = await startScan(request)
  try {
    const result = await collect(process, request)
    const { exitCode } = await process.exited(request.signal)
    if (exitCode !== 0 && exitCode !== 1) throw await explainExit(process, exitCode)
    return result
  } finally {
    await process.stop({ grace: seconds(1) })
  }
}

async function startScan(request: ScanRequest): Promise<DetachedProcess> {
  const { folder, program, worktree, files } = request
  await makePrivateFolder(folder)
  const ruleFile = join(folder, 'rules.yml')
  const configFile = join(folder, 'sgconfig.yml')
  await atomicWrite(ruleFile, ruleDocuments(request.rules).join('\n---\n'))
  // Without a configuration of ours the repository's would be read, and might name libraries to load.
  await atomicWrite(configFile, 'ruleDirs: []\n')
  const flags = ['--config', configFile, '--rule', ruleFile, '--json=stream', '--no-ignore', 'hidden', '--globs', '!.git']
  return startDetached({
    dir: join(folder, 'process'),
    // A search that was cut off is begun anew.
    key: randomUUID(),
    command: [program, 'scan', ...flags, ...(files === null ? ['.'] : ['--', ...files])],
    cwd: worktree,
    env: request.environment,
    input: 'none',
  })
}

const syntaxErrorId = 'coxswain-syntax-error'

/** JSON is YAML. The ids are ours: the rules' own need not be unique over languages. */
function ruleDocuments(rules: readonly RewriteRule[]): string[] {
  const documents = rules.map(({ body, language }, index) => ({ ...body, id: `coxswain-${index}`, language, severity: 'hint' }))
  const languages = [...new Set(rules.map((rule) => rule.language))]
  const errors = languages.map((language) => ({ id: syntaxErrorId, language, severity: 'hint', rule: { kind: 'ERROR' } }))
  return [...documents, ...errors].map((document) => JSON.stringify(document))
}

const offsets = z.looseObject({ start: z.int(), end: z.int() })
const matchSchema = z.looseObject({
  file: z.string(),
  text: z.string(),
  ruleId: z.string(),
  replacement: z.string().optional(),
  replacementOffsets: offsets.optional(),
  range: z.looseObject({ byteOffset: offsets }),
})

async function collect(process: DetachedProcess, request: ScanRequest): Promise<ScanResult> {
  const matches: RuleMatch[] = []
  const broken = new Set<string>()
  for await (const line of process.lines(request.signal)) {
    request.onProgress()
    if (line.kind === 'oversize') throw tooLarge(line.bytes)
    if (!line.text.startsWith('{')) continue
    const match = matchSchema.parse(JSON.parse(line.text))
    if (match.ruleId === syntaxErrorId) broken.add(match.file)
    else if (match.replacement !== undefined) matches.push(toRuleMatch(match, match.replacement))
  }
  request.signal.throwIfAborted()
  return { matches, broken }
}

function toRuleMatch(match: z.infer<typeof matchSchema>, replacement: string): RuleMatch {
  const { start, end } = match.replacementOffsets ?? match.range.byteOffset
  return {
    file: match.file,
    start,
    end,
    text: match.text,
    replacement,
    ruleIndex: Number(match.ruleId.slice('coxswain-'.length)),
  }
}

function tooLarge(bytes: number): CoxError {
  return new CoxError('REWRITE_FAILED', `One match takes ${bytes} bytes to tell`, {
    hint: 'Write the rule so that it matches less than a whole file.',
  })
}

async function explainExit(process: DetachedProcess, exitCode: number | null): Promise<CoxError> {
  const stderr = redact((await process.stderrTail(2_000)).trim())
  if (/Cannot parse rule|not a valid ast-grep rule|RuleConfig/.test(stderr)) {
    return new CoxError('REWRITE_INVALID', `ast-grep does not take the rules: ${stderr}`, {
      hint: 'Correct the rule; see https://ast-grep.github.io/reference/yaml.html.',
    })
  }
  return new CoxError('REWRITE_FAILED', `ast-grep ended with ${exitCode ?? 'a signal'}: ${stderr}`, {
    hint: 'Run the task again; if it fails again, write the rule for fewer files.',
  })
}
