import { formatDuration } from '@coxswain/kernel'
import { knownEvent, type DataOf, type EventName, type GateResult, type RunEvent, type StoredEvent } from '@coxswain/model'
import { plain } from './table.ts'

/** One event as one line for a person; null for what is bookkeeping. */
export function renderEvent(event: StoredEvent): string | null {
  const known = knownEvent(event)
  const what = known === null ? `${text(event.name, 60)}, which this version of Coxswain cannot read` : describeEvent(known)
  if (what === null) return null
  const time = new Date(event.at).toISOString().slice(11, 19)
  return `${time} ${event.run ?? event.task ?? ''} ${what}`
}

type Describers = { readonly [Name in EventName]: (data: DataOf<Name>) => string | null }

const moved = (to: string) => (data: DataOf<'run-paused'>) => `${to}${words(data.text)}`
const late = ({ kind, why }: DataOf<'intervention-refused'>) => `came too late: ${kind}: ${text(why, 200)}`
const nothing = (): null => null

const ofTasks = {
  'task-added': ({ title }) => `task added: ${text(title, 100)}`,
  'task-queued': () => 'the task is queued again',
  'task-active': nothing, // its run says more
  'task-done': () => 'the task is done',
  'task-cancelled': () => 'the task was cancelled',
} satisfies Partial<Describers>

const ofRuns = {
  'run-created': ({ agent }) => `run added for ${text(agent, 60)}`,
  'run-claimed': ({ worker }) => `claimed by ${text(worker, 60)}`,
  'repository-adopted': ({ from, to }) => `went on from ${text(from, 200)} to ${text(to, 200)}`,
  'run-taken-over': ({ to }) => `taken over by ${text(to, 60)}`,
  'run-waiting': ({ reason }) => `waits: ${text(reason, 300)}`,
  'run-suspended': () => 'the daemon was stopped; the run goes on when it starts again',
  'run-broken': ({ reason }) => `blocked: ${text(reason, 300)}`,
  'run-answered': moved('goes on with the answer'),
  'run-paused': moved('paused'),
  'run-resumed': moved('resumed'),
  'run-cancelled': moved('cancelled'),
  'run-reworked': moved('begins anew'),
  'run-approved': moved('approved'),
  'run-interrupted': ({ interruption }) => `stopped by ${interruptionText(interruption)}`,
  'effect-failed': ({ reason }) => `could not go on: ${text(reason, 300)}`,
  'intervention-added': (data) => `a person: ${data.kind} ${text(data.text, 200)}`.trimEnd(),
  'intervention-refused': late,
  'intervention-ignored': late,
  'message-delivered': () => 'the words reached the live turn',
  'question-asked': (data) => `the agent asks: ${text(data.text, 1_000)}`,
} satisfies Partial<Describers>

const ofEffects = {
  'worktree-prepared': ({ base, red }) =>
    `worktree ready at ${text(base, 10)}${red === undefined || red === null ? '' : `, where the gate ${text(red.gate, 60)} is red`}`,
  'setup-failed': ({ excerpt }) => `set-up failed: ${text(excerpt, 300)}`,
  'turn-ended': (data) => `turn ended: ${turnSummary(data)}`,
  'gates-ended': ({ results }) => `gates: ${gateSummary(results)}`,
  'wait-ended': () => 'waited',
  'change-landed': ({ commit, results, unsigned, unheard = [] }) =>
    `landed as ${text(commit, 12)}; the merged tree's gates: ${gateSummary(results)}${unsigned === undefined ? '' : `; not signed: ${text(unsigned, 200)}`}${unheard.map((said) => `; said too late: ${text(said.text, 200)}`).join('')}`,
  'landing-conflicted': ({ paths }) => `conflict with what landed meanwhile: ${list(paths)}`,
  'landing-rejected': ({ result }) => `red after merging: ${text(result.gate, 60)}`,
  'landing-postponed': ({ paths, underWay }) =>
    underWay === undefined
      ? `not landed, local changes are in the way: ${list(paths)}`
      : `not landed, ${text(underWay.what, 20)} is under way in ${text(underWay.place, 200)}`,
  'landing-empty': () => 'nothing is left to land',
  'branch-red': ({ result }) => `not landed, the branch itself is red: ${text(result.gate, 60)}`,
  'branch-green': ({ commit }) => `the gates pass on the branch again, at ${text(commit, 10)}: the run goes on`,
} satisfies Partial<Describers>

const ofAgents = {
  'agent-message-delta': nothing, // the whole message follows
  'agent-message': (data) => `agent: ${text(data.text, 300)}`,
  'agent-tool-start': ({ kind, title }) => `${text(kind, 12)}: ${text(title, 160)}`,
  'agent-tool-end': ({ status, exitCode, output }) =>
    status === 'ok' ? null : `${status}${exitCode === null ? '' : ` (exit ${exitCode})`}: ${text(output, 160)}`,
  'agent-files-changed': ({ paths }) => `changed ${list(paths)}`,
  'agent-plan': nothing,
  'agent-diff': nothing, // it is in git
  'agent-usage': nothing, // `cox show` sums it
  'agent-rate-limit': nothing,
  'agent-approval': ({ decision, title }) => `${decision}: ${text(title, 160)}`,
  'agent-retry': ({ message }) => `retry: ${text(message, 200)}`,
  'agent-warning': ({ message }) => `warning: ${text(message, 200)}`,
} satisfies Partial<Describers>

/** A new event without a line here does not compile. */
const describers: Describers = { ...ofTasks, ...ofRuns, ...ofEffects, ...ofAgents }

/** The same without time and run. */
export function describeEvent({ name, data }: RunEvent): string | null {
  // Each describer takes the data of its own name, which TypeScript cannot pair.
  return (describers[name] as (data: RunEvent['data']) => string | null)(data)
}

function turnSummary({ failure, interruptedBy, isChanged, head }: DataOf<'turn-ended'>): string {
  if (failure !== null) return `failed (${text(failure.kind, 30)}): ${text(failure.message, 200)}`
  if (interruptedBy?.by === 'shutdown') return `cut short (${text(interruptedBy.text, 200)})`
  if (interruptedBy !== null) return `stopped by ${interruptionText(interruptedBy)}`
  return isChanged ? `work at ${text(head, 10)}` : 'no change'
}

/** Whoever stops a run need not say why. */
function interruptionText({ by, text: why }: DataOf<'run-interrupted'>['interruption']): string {
  return `${by}${words(why)}`
}

function words(said: string): string {
  return said.trim() === '' ? '' : `: ${text(said, 200)}`
}

function gateSummary(results: readonly GateResult[]): string {
  if (results.length === 0) return 'none configured'
  return results
    .map(({ gate, verdict, excerpt, wallMs, isReused }) => {
      const why = verdict === 'passed' ? '' : firstLine(excerpt)
      const when = isReused === true ? `${formatDuration(wallMs)}, known of this tree` : formatDuration(wallMs)
      return `${text(gate, 40)} ${verdict} (${when})${why}`
    })
    .join(', ')
}

/** The line of a gate's output that says most: of an error, else the first. */
function firstLine(excerpt: string): string {
  const lines = excerpt.split('\n').filter((line) => line.trim() !== '')
  const line = lines.find((candidate) => /error|fail|expected/i.test(candidate) && !candidate.startsWith('>')) ?? lines[0]
  return line === undefined ? '' : `: ${text(line.trim(), 160)}`
}

function list(values: readonly string[]): string {
  const shown = values.slice(0, 5).map((value) => text(value, 100))
  return shown.join(', ') + (values.length > 5 ? ` and ${values.length - 5} more` : '')
}

function text(value: string | null, limit: number): string {
  const line = plain(value ?? '')
  return line.length > limit ? `${line.slice(0, limit)}…` : line
}
