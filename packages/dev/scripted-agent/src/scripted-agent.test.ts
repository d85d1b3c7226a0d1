import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import {
  client,
  ndJsonStream,
  type ClientContext,
  type PromptResponse,
  type SessionNotification,
} from '@agentclientprotocol/sdk/unstable'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseScript, type Script } from './index.ts'

const program = fileURLToPath(new URL('./main.mjs', import.meta.url))

let home: string
let worktree: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'cox scripted '))
  worktree = join(home, 'worktree')
  mkdirSync(worktree)
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

interface Agent {
  readonly context: ClientContext
  readonly updates: SessionNotification['update'][]
  readonly child: ChildProcessByStdio<Writable, Readable, null>
}

/** The program with the protocol's own client at its other end. */
async function withAgent<T>(script: Script, use: (agent: Agent) => Promise<T>, answer = 'yes'): Promise<T> {
  const file = join(home, 'script.json')
  writeFileSync(file, JSON.stringify(script))
  const child = spawn(process.execPath, [program, '--script', file], {
    env: { ...process.env, HOME: home },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const updates: SessionNotification['update'][] = []
  const input = Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>
  // Not `connectWith`: that ends with the connection, and some of these programs are meant to die.
  const { agent: context } = client({ name: 'test' })
    .onNotification('session/update', ({ params }) => void updates.push(params.update))
    .onRequest('session/request_permission', () => ({ outcome: { outcome: 'selected', optionId: answer } }))
    .connect(ndJsonStream(Writable.toWeb(child.stdin), input))
  try {
    await context.request('initialize', { protocolVersion: 1 })
    return await use({ context, updates, child })
  } finally {
    child.kill('SIGKILL')
    await ended // until then it may still write into its home
  }
}

async function newSession({ context }: Agent): Promise<string> {
  return (await context.request('session/new', { cwd: worktree, mcpServers: [] })).sessionId
}

function prompt({ context }: Agent, sessionId: string, text: string): Promise<PromptResponse> {
  return context.request('session/prompt', { sessionId, prompt: [{ type: 'text', text }] })
}

const repair: Script = {
  repair: [
    [
      { do: 'say', text: 'on it' },
      { do: 'write', path: 'deep/a.txt', content: 'helo\n' },
    ],
    [{ do: 'replace', path: 'deep/a.txt', old: 'helo', new: 'hello' }],
  ],
}

test('each prompt of a conversation takes the next turn, also in a new process', async () => {
  const sessionId = await withAgent(repair, async (agent) => {
    const id = await newSession(agent)
    expect(await prompt(agent, id, 'Do it. [scenario:repair]')).toMatchObject({ stopReason: 'end_turn' })
    return id
  })
  expect(readFileSync(join(worktree, 'deep/a.txt'), 'utf8')).toBe('helo\n')
  await withAgent(repair, async (agent) => {
    await agent.context.request('session/load', { sessionId, cwd: worktree, mcpServers: [] })
    expect(agent.updates.map((update) => update.sessionUpdate)).toEqual(['user_message_chunk', 'agent_message_chunk'])
    await prompt(agent, sessionId, 'The gate failed.')
    expect(readFileSync(join(worktree, 'deep/a.txt'), 'utf8')).toBe('hello\n')
    agent.updates.length = 0
    await prompt(agent, sessionId, 'And now?')
    expect(
      agent.updates
        .flatMap((update) =>
          update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text' ? [update.content.text] : [],
        )
        .join(''),
    ).toBe('The script has nothing more to do.')
  })
})

test('a turn that was killed is done again, an exit counts as done', async () => {
  const script: Script = {
    s: [[{ do: 'exit', code: 3 }], [{ do: 'say', text: 'on' }, { do: 'silence' }], [{ do: 'stop', reason: 'refusal' }]],
  }
  const sessionId = await withAgent(script, async (agent) => {
    const id = await newSession(agent)
    const exit = once(agent.child, 'exit')
    await expect(prompt(agent, id, '[scenario:s]')).rejects.toThrow('closed')
    expect((await exit)[0]).toBe(3)
    return id
  })
  for (let life = 0; life < 2; life += 1) {
    await withAgent(script, async (agent) => {
      await agent.context.request('session/resume', { sessionId, cwd: worktree, mcpServers: [] })
      const turn = prompt(agent, sessionId, 'go on').catch(() => 'killed')
      while (agent.updates.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
      agent.child.kill('SIGKILL')
      expect(await turn).toBe('killed')
    })
  }
})

test('a cancel ends a turn, unless the agent is deaf', async () => {
  const script: Script = {
    s: [[{ do: 'say', text: 'x' }, { do: 'silence' }]],
    deaf: [[{ do: 'ignore-cancel' }, { do: 'say', text: 'x' }, { do: 'sleep', ms: 200 }, { do: 'say', text: 'y' }]],
  }
  await withAgent(script, async (agent) => {
    const sessionId = await newSession(agent)
    for (const [scenario, stopReason] of [
      ['s', 'cancelled'],
      ['deaf', 'end_turn'],
    ]) {
      agent.updates.length = 0
      const turn = prompt(agent, sessionId, `[scenario:${scenario}]`)
      while (agent.updates.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      await agent.context.notify('session/cancel', { sessionId })
      expect(await turn).toMatchObject({ stopReason })
    }
  })
})

test('a wait tells that it began, and ends when it is released', async () => {
  const script: Script = {
    s: [
      [
        { do: 'write', path: 'before.txt', content: '' },
        { do: 'wait', for: 'go' },
      ],
    ],
  }
  await withAgent(script, async (agent) => {
    const turn = prompt(agent, await newSession(agent), '[scenario:s]')
    while (!existsSync(join(home, '.scripted-agent/waiting/go'))) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(existsSync(join(worktree, 'before.txt'))).toBe(true)
    mkdirSync(join(home, '.scripted-agent/released'))
    writeFileSync(join(home, '.scripted-agent/released/go'), '')
    expect(await turn).toMatchObject({ stopReason: 'end_turn' })
  })
})

test.each([
  ['yes', ['completed', 'completed'], true],
  ['no', ['failed'], false],
])('permission %s', async (answer, statuses, isWritten) => {
  const script: Script = {
    s: [
      [{ do: 'ask', title: 'May I?', command: ['sh', '-c', 'echo ok > asked.txt'], allowed: [{ do: 'run', command: ['true'] }] }],
    ],
  }
  await withAgent(
    script,
    async (agent) => {
      await prompt(agent, await newSession(agent), '[scenario:s]')
      const ends = agent.updates.flatMap((update) => (update.sessionUpdate === 'tool_call_update' ? [update.status] : []))
      expect(ends).toEqual(statuses)
      expect(existsSync(join(worktree, 'asked.txt'))).toBe(isWritten)
    },
    answer,
  )
})

test('usage adds up, failures are errors of the protocol, paths stay inside', async () => {
  const script: Script = {
    u: [
      [
        { do: 'usage', input: 10, output: 1, cachedInput: 4 },
        { do: 'usage', input: 5, output: 2, reasoning: 1 },
      ],
    ],
    f: [[{ do: 'fail', code: 429, message: 'slow down', data: { retryAfter: 3 } }]],
    p: [[{ do: 'write', path: '../outside.txt', content: 'x' }]],
  }
  await withAgent(script, async (agent) => {
    const sessionId = await newSession(agent)
    expect((await prompt(agent, sessionId, '[scenario:u]')).usage).toEqual({
      inputTokens: 15,
      outputTokens: 3,
      cachedReadTokens: 4,
      cachedWriteTokens: 0,
      thoughtTokens: 1,
      totalTokens: 22,
    })
    await expect(prompt(agent, sessionId, '[scenario:f]')).rejects.toMatchObject({
      code: 429,
      message: 'slow down',
      data: { retryAfter: 3 },
    })
    await expect(prompt(agent, sessionId, '[scenario:gone]')).rejects.toMatchObject({ code: -32_602 })
    agent.updates.length = 0
    await prompt(agent, sessionId, '[scenario:p]')
    expect(agent.updates.at(-1)).toMatchObject({ sessionUpdate: 'tool_call_update', status: 'failed' })
  })
})

test('a script with an unknown action or field is refused', () => {
  expect(() => parseScript('{"a":[[{"do":"dance"}]]}')).toThrow(/dance|do/)
  expect(() => parseScript('{"a":[[{"do":"say","text":"x","loud":true}]]}')).toThrow(/loud/)
  expect(() => parseScript('[]')).toThrow(/record/)
})
