import { formatDuration } from '@coxswain/kernel'
import type { StoredEvent } from '@coxswain/model'
import { plain } from './table.ts'

/** One event as one line for a person; null for what is bookkeeping. */
export function renderEvent(event: StoredEvent): string | null {
  const what = describeEvent(event)
  if (what === null) return null
  const time = new Date(event.at).toISOString().slice(11, 19)
  return `${time} ${event.run ?? event.task ?? ''} ${what}`
}

type Data = StoredEvent['data']

const describers: Readonly<Record<string, (data: Data) => string | null>> = {
  'task-added': (data) => `task added: ${text(data['title'], 100)}`,
  'run-claimed': (data) => `claimed by ${text(data['worker'], 60)}`,
  'worktree-prepared': (data) =>
    `worktree ready at ${text(data['base'], 10)}${field(data['red'], 'gate') === undefined ? '' : `, where the gate ${text(field(data['red'], 'gate'), 60)} is red`}`,
  'setup-failed': (data) => `set-up failed: ${text(data['excerpt'], 300)}`,
  'turn-ended': (data) => `turn ended: ${turnSummary(data)}`,
  'gates-ended': (data) => `gates: ${gateSummary(data)}`,
  'wait-ended': () => 'waited',
  'change-landed': (data) =>
    `landed as ${text(data['commit'], 12)}; the merged tree's gates: ${gateSummary(data)}${unsigned(data)}${unheard(data)}`,
  'landing-conflicted': (data) => `conflict with what landed meanwhile: ${list(data['paths'])}`,
  'landing-rejected': (data) => `red after merging: ${text(field(data['result'], 'gate'), 60)}`,
  'landing-postponed': (data) =>
    data['underWay'] === undefined
      ? `not landed, local changes are in the way: ${list(data['paths'])}`
      : `not landed, ${text(field(data['underWay'], 'what'), 20)} is under way in ${text(field(data['underWay'], 'place'), 200)}`,
  'branch-red': (data) => `not landed, the branch itself is red: ${text(field(data['result'], 'gate'), 60)}`,
  'branch-green': (data) => `the gates pass on the branch again, at ${text(data['commit'], 10)}: the run goes on`,
  'landing-empty': () => 'nothing is left to land',
  'run-interrupted': (data) => `stopped by ${interruptionText(data['interruption'])}`,
  'effect-failed': (data) => `could not go on: ${text(data['reason'], 300)}`,
  'intervention-added': (data) => `a person: ${text(data['kind'], 20)} ${text(data['text'], 200)}`.trimEnd(),
  'question-asked': (data) => `the agent asks: ${text(data['text'], 1_000)}`,
  'intervention-refused': (data) => `came too late: ${text(data['kind'], 20)}: ${text(data['why'], 200)}`,
  'intervention-ignored': (data) => `came too late: ${text(data['kind'], 20)}: ${text(data['why'], 200)}`,
  'message-delivered': () => 'the words reached the live turn',
  'run-suspended': () => 'the daemon was stopped; the run goes on when it starts again',
  'run-waiting': (data) => `waits: ${text(data['reason'], 300)}`,
  'repository-adopted': (data) => `went on from ${text(data['from'], 200)} to ${text(data['to'], 200)}`,
  'run-taken-over': (data) => `taken over by ${text(data['to'], 60)}`,
  'agent-message': (data) => `agent: ${text(data['text'], 300)}`,
  'agent-tool-start': (data) => `${text(data['kind'], 12)}: ${text(data['title'], 160)}`,
  'agent-tool-end': (data) =>
    data['status'] === 'ok'
      ? null
      : `${text(data['status'], 12)}${data['exitCode'] === null ? '' : ` (exit ${text(data['exitCode'], 6)})`}: ${text(data['output'], 160)}`,
  'agent-files-changed': (data) => `changed ${list(data['paths'])}`,
  'agent-retry': (data) => `retry: ${text(data['message'], 200)}`,
  'agent-warning': (data) => `warning: ${text(data['message'], 200)}`,
  'agent-approval': (data) => `${text(data['decision'], 10)}: ${text(data['title'], 160)}`,
}

/** The same without time and run. */
export function describeEvent({ name, data }: StoredEvent): string | null {
  return describers[name]?.(data) ?? null
}

function turnSummary(data: Data): string {
  const failure = field(data['failure'], 'kind')
  if (failure !== undefined) return `failed (${text(failure, 30)}): ${text(field(data['failure'], 'message'), 200)}`
  if (field(data['interruptedBy'], 'by') === 'shutdown') return `cut short (${text(field(data['interruptedBy'], 'text'), 200)})`
  if (data['interruptedBy'] !== null && data['interruptedBy'] !== undefined)
    return `stopped by ${interruptionText(data['interruptedBy'])}`
  return data['isChanged'] === true ? `work at ${text(data['head'], 10)}` : 'no change'
}

/** Whoever stops a run need not say why. */
function interruptionText(interruption: unknown): string {
  const why = text(field(interruption, 'text'), 200)
  return `${text(field(interruption, 'by'), 20)}${why === '' ? '' : `: ${why}`}`
}

function gateSummary(data: Data): string {
  const results = data['results']
  if (!Array.isArray(results) || results.length === 0) return 'none configured'
  return results
    .map((result: unknown) => {
      const verdict = text(field(result, 'verdict'), 20)
      const why = verdict === 'passed' ? '' : firstLine(field(result, 'excerpt'))
      const took = formatDuration(Number(field(result, 'wallMs') ?? 0))
      const when = field(result, 'isReused') === true ? `${took}, known of this tree` : took
      return `${text(field(result, 'gate'), 40)} ${verdict} (${when})${why}`
    })
    .join(', ')
}

function unsigned(data: Data): string {
  return typeof data['unsigned'] === 'string' ? `; not signed: ${text(data['unsigned'], 200)}` : ''
}

/** What was said while it landed. */
function unheard(data: Data): string {
  const said = Array.isArray(data['unheard']) ? data['unheard'] : []
  return said.map((words: unknown) => `; said too late: ${text(field(words, 'text'), 200)}`).join('')
}

/** The line of a gate's output that says most: of an error, else the first. */
function firstLine(excerpt: unknown): string {
  const lines = typeof excerpt === 'string' ? excerpt.split('\n').filter((line) => line.trim() !== '') : []
  const line = lines.find((candidate) => /error|fail|expected/i.test(candidate) && !candidate.startsWith('>')) ?? lines[0]
  return line === undefined ? '' : `: ${text(line.trim(), 160)}`
}

function list(value: unknown): string {
  return Array.isArray(value)
    ? value
        .slice(0, 5)
        .map((item) => text(item, 100))
        .join(', ') + (value.length > 5 ? ` and ${value.length - 5} more` : '')
    : ''
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function text(value: unknown, limit: number): string {
  const line = plain(typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value))
  return line.length > limit ? `${line.slice(0, limit)}…` : line
}
