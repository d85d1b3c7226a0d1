import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentEvent, AgentSession, SessionOptions, TurnResult } from '@coxswain/agents'
import { readEnvironment, scrubEnvironment, systemClock } from '@coxswain/host'
import { instant, milliseconds, seconds, silentLogger, sleep, type Clock } from '@coxswain/kernel'
import type { Script } from '@coxswain/scripted-agent'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAcpBackend } from './acp-backend.ts'
import { scriptedAgentProgram } from './testing/scripted-target.ts'

let root: string
let worktree: string
let events: AgentEvent[]
const sessions: AgentSession[] = []

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox acp '))
  worktree = join(root, 'worktree')
  for (const folder of [worktree, join(root, 'state')]) mkdirSync(folder)
  execFileSync('git', ['init', '--quiet', worktree])
  events = []
})
afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close()
  rmSync(root, { recursive: true, force: true })
})

async function open(script: Script, more: Partial<SessionOptions> = {}): Promise<AgentSession> {
  writeFileSync(join(root, 'script.json'), JSON.stringify(script))
  return openCommand(`node "${scriptedAgentProgram}" --script "${join(root, 'script.json')}"`, more)
}

async function openCommand(commandLine: string, more: Partial<SessionOptions> = {}): Promise<AgentSession> {
  const environment = readEnvironment()
  const session = await createAcpBackend({ commandLine, environment }).openSession({
    key: 'k',
    stateDir: join(root, 'state'),
    worktree,
    model: null,
    instructions: null,
    resumeToken: null,
    environment: scrubEnvironment(environment),
    network: 'none',
    clock: systemClock,
    logger: silentLogger,
    onEvent: (event) => void events.push(event),
    approve: async () => 'accept',
    signal: new AbortController().signal,
    ...more,
  })
  sessions.push(session)
  return session
}

function turn(session: AgentSession, prompt: string, key = prompt): Promise<TurnResult> {
  return session.turn({ key, prompt, idleLimit: seconds(30), signal: new AbortController().signal })
}

function marks(): { text: string }[] {
  const lines = readFileSync(join(root, 'state/home/.scripted-agent/marks.jsonl'), 'utf8').trim().split('\n')
  return lines.map((line): { text: string } => JSON.parse(line))
}

const marked: Script = { default: [[{ do: 'mark' }], [{ do: 'mark' }]] }

test('standing instructions stand before the first prompt only, and no text is a command to the agent itself', async () => {
  const session = await open(marked, { instructions: 'Be brief.' })
  await turn(session, 'one')
  await turn(session, '/logout two')
  expect(marks().map((mark) => mark.text.trim())).toEqual(['Be brief.\n\none', 'Be brief.\n\none\n\nTask:\n/logout two'])
})

test('an agent that offers steering is steered in the middle of a turn', async () => {
  const session = await open({ default: [[{ do: 'say', text: 'x' }, { do: 'wait', for: 'go' }, { do: 'mark' }]] })
  expect(await session.steer('too early')).toBe(false)
  const result = turn(session, 'one')
  while (events.length === 0) await sleep(5)
  expect(await session.steer('Mind the gap.')).toBe(true)
  mkdirSync(join(root, 'state/home/.scripted-agent/released'))
  writeFileSync(join(root, 'state/home/.scripted-agent/released/go'), '')
  expect(await result).toMatchObject({ status: 'completed' })
  expect(marks()[0]?.text).toContain('Mind the gap.')
})

test('an open question is answered as cancelled when the turn is called off', async () => {
  const asked = Promise.withResolvers<void>()
  const session = await open(
    { default: [[{ do: 'ask', title: 'May I?', command: ['touch', 'asked'] }]] },
    { approve: () => (asked.resolve(), new Promise(() => {})) },
  )
  const result = turn(session, 'one')
  await asked.promise
  await session.interrupt()
  expect(await result).toMatchObject({ status: 'interrupted' })
  expect(existsSync(join(worktree, 'asked'))).toBe(false)
})

/** The real time until it is told to hurry; from then on each wait takes a twentieth of what it stands for. */
function createHurryingClock(): Clock & { hurry(): void } {
  let [isHurrying, skipped] = [false, 0]
  return {
    hurry: () => void (isHurrying = true),
    now: () => instant(systemClock.now() + skipped),
    sleep: async (duration, signal) => {
      if (!isHurrying) return systemClock.sleep(duration, signal)
      await systemClock.sleep(milliseconds(duration / 20), signal)
      skipped += (duration / 20) * 19
    },
  }
}

test('a program that does not end a cancelled turn is stopped', async () => {
  const clock = createHurryingClock()
  const session = await open(
    {
      default: [[{ do: 'ignore-cancel' }, { do: 'ignore-terminate' }, { do: 'say', text: 'x' }, { do: 'silence' }]],
    },
    { clock },
  )
  const stop = new AbortController()
  const result = session.turn({ key: 't', prompt: 'one', idleLimit: seconds(60), signal: stop.signal })
  while (events.length === 0) await sleep(5)
  clock.hurry()
  stop.abort()
  expect(await result).toMatchObject({ status: 'interrupted' })
  expect(await turn(session, 'two')).toMatchObject({ status: 'failed', failure: { kind: 'crashed' } })
})

test('an exit in the middle of a turn is a crash that tells the exit code', async () => {
  const session = await open({ default: [[{ do: 'exit', code: 7 }]] })
  expect(await turn(session, 'one')).toMatchObject({
    failure: { kind: 'crashed', message: expect.stringContaining('exit code 7') },
  })
})

test('a session that is let go leaves its turn to the next one', async () => {
  const session = await open({
    default: [
      [
        { do: 'say', text: 'half ' },
        { do: 'wait', for: 'go' },
        { do: 'say', text: 'done' },
      ],
    ],
  })
  const result = turn(session, 'one')
  while (events.length === 0) await sleep(5)
  await session.detach()
  await expect(result).rejects.toMatchObject({ code: 'SESSION_DETACHED' })
  const second = await open({ default: [] })
  mkdirSync(join(root, 'state/home/.scripted-agent/released'))
  writeFileSync(join(root, 'state/home/.scripted-agent/released/go'), '')
  expect(await turn(second, 'one')).toMatchObject({ status: 'completed', message: 'half done' })
})

test('the agent sees a home of its own and none of the environment that is not let through', async () => {
  const session = await open({
    default: [[{ do: 'run', command: ['sh', '-c', 'echo "$HOME|$TMPDIR|$XDG_DATA_HOME|$COX_SECRET"'] }]],
  })
  await turn(session, 'one')
  const state = join(root, 'state')
  expect(events.find((event) => event.type === 'tool-end')).toMatchObject({
    output: `${state}/home|${state}/tmp|${state}/home/.local/share|\n`,
  })
})

test('the agent cannot forge what is kept about its process', async () => {
  const session = await open({ default: [[{ do: 'run', command: ['sh', '-c', `echo 1 > '${root}'/state/process-*/pid`] }]] })
  await turn(session, 'one')
  expect(events.find((event) => event.type === 'tool-end')).toMatchObject({ status: 'failed' })
})

test.each([
  ['a program that is not there', 'no-such-agent --acp', 'AGENT_NOT_INSTALLED', /no-such-agent/],
  ['a program that ends at once', 'sh -c "echo go away >&2"', 'AGENT_START_FAILED', /go away/],
  [
    'a program that asks for a login',
    `sh -c "${reply('{"error":{"code":-32000,"message":"Authentication required"}}')}"`,
    'AGENT_START_FAILED',
    /Authentication required/,
  ],
  ['another version of the protocol', `sh -c "${reply('{"result":{"protocolVersion":9}}')}"`, 'AGENT_INCOMPATIBLE', /version 9/],
  ['another protocol', `sh -c "${reply('{"result":{}}')}"`, 'AGENT_INCOMPATIBLE', /not the Agent Client Protocol/],
])('%s', async (_, commandLine, code, message) => {
  await expect(openCommand(commandLine)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
})

/** A shell that answers the first request, and waits. */
function reply(answer: string): string {
  const line = JSON.stringify({ jsonrpc: '2.0', id: 'initialize', ...JSON.parse(answer) })
  return `read l; printf '%s\\\\n' '${line.replaceAll('"', '\\"')}'; read l`
}

test('a conversation that is gone cannot be resumed, and says so', async () => {
  await expect(open({}, { resumeToken: 'gone' })).rejects.toMatchObject({ code: 'AGENT_RESUME_FAILED' })
})

test('a known program without network is refused instead of being left to fail', async () => {
  const program = join(root, 'gemini')
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 })
  await expect(openCommand(`"${program}"`)).rejects.toMatchObject({
    code: 'AGENT_START_FAILED',
    message: expect.stringContaining('without network'),
  })
})

test.each(['', '   ', 'gemini "--acp', 'gemini; rm -rf /', 'gemini $(id)'])('the command line %j is refused', (commandLine) => {
  expect(() => createAcpBackend({ commandLine, environment: {} })).toThrow(/command line/)
})

test('without bubblewrap the session says what contains it: nothing', async () => {
  const bin = join(root, 'bin')
  mkdirSync(bin)
  for (const tool of ['node', 'sh', 'mkfifo', 'tail', 'rm', 'mv'])
    execFileSync('ln', ['-s', execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(bin, tool)])
  const session = await open({ default: [[{ do: 'say', text: 'hi' }]] }, { environment: { PATH: bin }, network: 'full' })
  expect(session.sandbox).toBe('none')
  expect(await turn(session, 'one')).toMatchObject({ status: 'completed', message: 'hi' })
  expect(events[0]).toEqual({
    type: 'warning',
    message:
      'The agent runs without a sandbox: neither bubblewrap (bwrap) nor Perl is installed. Install the package bubblewrap.',
  })
})
