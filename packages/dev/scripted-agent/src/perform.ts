import { spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  RequestError,
  type AgentContext,
  type SessionUpdate,
  type StopReason,
  type ToolCall,
  type ToolKind,
  type Usage,
} from '@agentclientprotocol/sdk/unstable'
import { stateFolder } from './conversation.ts'
import type { Action, AskAction } from './script.ts'

/** One turn under way. */
export interface Stage {
  readonly sessionId: string
  readonly cwd: string
  readonly client: AgentContext
  readonly signal: AbortSignal
  /** Called before the program ends in the middle of a turn, so that the turn counts. */
  readonly beforeExit: () => void
  readonly onIgnoreCancel: () => void
  /** All that was said in this conversation so far. */
  readonly heard: () => string
  readonly scenario: string
  usage: Usage | null
  said: string
  marks: number
}

/** Performs actions in order; the reason to stop the turn early, or null. @throws RequestError for `fail` */
export async function perform(stage: Stage, actions: readonly Action[]): Promise<StopReason | null> {
  for (const action of actions) {
    if (stage.signal.aborted) return 'cancelled'
    const stop = await performOne(stage, action)
    if (stop !== null) return stop
  }
  return stage.signal.aborted ? 'cancelled' : null
}

async function performOne(stage: Stage, action: Action): Promise<StopReason | null> {
  switch (action.do) {
    case 'say':
      return say(stage, action.text)
    case 'think':
      return update(stage, { sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: action.text } })
    case 'plan':
      return update(stage, {
        sessionUpdate: 'plan',
        entries: action.steps.map((step) => ({ content: step.text, status: step.status, priority: 'medium' as const })),
      })
    case 'write':
      return edit(stage, action.path, () => action.content)
    case 'replace':
      return edit(stage, action.path, (content) => replaceText(content, action))
    case 'run':
      return run(stage, action.command)
    case 'usage':
      return addUsage(stage, action)
    case 'ask':
      return ask(stage, action)
    case 'stop':
      return action.reason
    case 'fail':
      throw new RequestError(action.code, action.message, action.data)
    default:
      return performMischief(stage, action)
  }
}

type Mischief = Extract<
  Action,
  { do: 'sleep' | 'silence' | 'wait' | 'mark' | 'exit' | 'ignore-cancel' | 'ignore-terminate' | 'linger' | 'garbage' }
>

async function performMischief(stage: Stage, action: Mischief): Promise<null> {
  switch (action.do) {
    case 'sleep':
    case 'silence':
      await sleep(action.do === 'sleep' ? action.ms : 2 ** 31 - 1, undefined, { signal: stage.signal }).catch(() => {})
      break
    case 'wait':
      await waitForRelease(stage, action.for)
      break
    case 'mark':
      mark(stage)
      break
    case 'exit':
      stage.beforeExit()
      // What was written before must leave the process first.
      await new Promise<void>((done) => process.stdout.write('', () => done()))
      process.exit(action.code)
    case 'ignore-cancel':
      stage.onIgnoreCancel()
      break
    case 'ignore-terminate':
      process.on('SIGTERM', () => {})
      setInterval(() => {}, 60_000) // nor does the end of its input end it
      break
    case 'linger':
      spawn('sleep', ['3600'], { detached: true, stdio: 'ignore' }).unref()
      break
    case 'garbage':
      process.stdout.write(`${action.text ?? ''}${'x'.repeat(action.bytes ?? 0)}\n`)
  }
  return null
}

async function waitForRelease(stage: Stage, name: string): Promise<void> {
  const file = join(stateFolder(), 'released', name)
  mkdirSync(join(stateFolder(), 'waiting'), { recursive: true })
  writeFileSync(join(stateFolder(), 'waiting', name), '')
  while (!existsSync(file) && !stage.signal.aborted) await sleep(10, undefined, { signal: stage.signal }).catch(() => {})
}

/** What a model would have been asked at this point. */
function mark(stage: Stage): void {
  const entry = { scenario: stage.scenario, step: stage.marks, text: stage.heard() }
  stage.marks += 1
  appendFileSync(join(stateFolder(), 'marks.jsonl'), `${JSON.stringify(entry)}\n`)
}

async function update(stage: Stage, change: SessionUpdate): Promise<null> {
  await stage.client.notify('session/update', { sessionId: stage.sessionId, update: change })
  return null
}

/** In two chunks, as a model streams. */
async function say(stage: Stage, text: string): Promise<null> {
  const half = Math.ceil(text.length / 2)
  for (const part of [text.slice(0, half), text.slice(half)])
    if (part !== '') await update(stage, { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: part } })
  stage.said += text
  return null
}

let toolCount = 0

type Command = readonly [string, ...string[]]
type ToolFacts = Pick<ToolCall, 'rawInput' | 'locations'>

async function startTool(stage: Stage, kind: ToolKind, title: string, facts: ToolFacts): Promise<string> {
  const toolCallId = `tool-${process.pid}-${(toolCount += 1)}`
  await update(stage, { sessionUpdate: 'tool_call', toolCallId, kind, title, status: 'in_progress', ...facts })
  return toolCallId
}

async function edit(stage: Stage, path: string, change: (content: string) => string): Promise<null> {
  const file = resolve(stage.cwd, path)
  const toolCallId = await startTool(stage, 'edit', `Edit ${path}`, { locations: [{ path: file }] })
  try {
    if (relative(stage.cwd, file).startsWith('..')) throw new Error(`${path} lies outside the worktree`)
    const oldText = readIfThere(file)
    const newText = change(oldText ?? '')
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, newText)
    const content = [{ type: 'diff' as const, path: file, oldText, newText }]
    return await update(stage, { sessionUpdate: 'tool_call_update', toolCallId, status: 'completed', content })
  } catch (error) {
    return endTool(stage, toolCallId, { status: 'failed', output: error instanceof Error ? error.message : String(error) })
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

/** A turn that was killed is performed again: what it did already is no failure. */
function replaceText(content: string, action: { old: string; new: string; path: string }): string {
  if (content.includes(action.old)) return content.replace(action.old, () => action.new)
  if (action.new !== '' && content.includes(action.new)) return content
  throw new Error(`${action.path} does not contain the text to replace`)
}

interface ToolEnd {
  readonly status: 'completed' | 'failed'
  readonly output: string
  readonly exitCode?: number | null
}

function endTool(stage: Stage, toolCallId: string, end: ToolEnd): Promise<null> {
  const content = [{ type: 'content' as const, content: { type: 'text' as const, text: end.output } }]
  const rawOutput = end.exitCode === undefined ? {} : { rawOutput: { exit_code: end.exitCode } }
  return update(stage, { sessionUpdate: 'tool_call_update', toolCallId, status: end.status, content, ...rawOutput })
}

async function run(stage: Stage, command: Command): Promise<null> {
  const toolCallId = await startTool(stage, 'execute', command.join(' '), { rawInput: { command: command.join(' ') } })
  return endTool(stage, toolCallId, await execute(stage, command))
}

async function execute(stage: Stage, command: Command): Promise<ToolEnd> {
  const child = spawn(command[0], command.slice(1), { cwd: stage.cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const onAbort = (): void => void child.kill('SIGKILL')
  stage.signal.addEventListener('abort', onAbort, { once: true })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString()).slice(-20_000)))
  const exitCode = await new Promise<number | null>((done) => {
    child.on('error', (error) => ((output += error.message), done(127)))
    child.on('close', (code) => done(code))
  })
  stage.signal.removeEventListener('abort', onAbort)
  return { status: exitCode === 0 ? 'completed' : 'failed', output, exitCode }
}

async function addUsage(stage: Stage, action: Extract<Action, { do: 'usage' }>): Promise<null> {
  const before = stage.usage
  const cachedReadTokens = (before?.cachedReadTokens ?? 0) + (action.cachedInput ?? 0)
  const cachedWriteTokens = (before?.cachedWriteTokens ?? 0) + (action.cacheWrite ?? 0)
  const inputTokens = (before?.inputTokens ?? 0) + action.input
  const outputTokens = (before?.outputTokens ?? 0) + action.output
  const thoughtTokens = (before?.thoughtTokens ?? 0) + (action.reasoning ?? 0)
  const totalTokens = inputTokens + outputTokens + cachedReadTokens + cachedWriteTokens
  stage.usage = { inputTokens, outputTokens, cachedReadTokens, cachedWriteTokens, thoughtTokens, totalTokens }
  const cost = action.costUsd === undefined ? {} : { cost: { amount: action.costUsd, currency: 'USD' } }
  const used = action.contextTokens ?? totalTokens
  return update(stage, { sessionUpdate: 'usage_update', used, size: action.contextWindow ?? 200_000, ...cost })
}

async function ask(stage: Stage, action: AskAction): Promise<StopReason | null> {
  const rawInput = action.command === undefined ? {} : { rawInput: { command: action.command.join(' ') } }
  const toolCallId = await startTool(stage, 'execute', action.title, rawInput)
  const answer = await stage.client.request('session/request_permission', {
    sessionId: stage.sessionId,
    toolCall: { toolCallId, title: action.title, kind: 'execute', status: 'pending', ...rawInput },
    options: [
      { optionId: 'yes', kind: 'allow_once', name: 'Allow' },
      { optionId: 'no', kind: 'reject_once', name: 'Reject' },
    ],
  })
  if (answer.outcome.outcome === 'cancelled') return 'cancelled'
  const isAllowed = answer.outcome.optionId === 'yes'
  await endTool(
    stage,
    toolCallId,
    isAllowed ? await perhapsExecute(stage, action.command) : { status: 'failed', output: 'rejected' },
  )
  return perform(stage, (isAllowed ? action.allowed : action.declined) ?? [])
}

function perhapsExecute(stage: Stage, command: Command | undefined): Promise<ToolEnd> | ToolEnd {
  return command === undefined ? { status: 'completed', output: '' } : execute(stage, command)
}
