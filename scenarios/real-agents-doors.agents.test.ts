import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openClaudeWorld } from '../packages/adapters/agent-claude/src/testing/claude-target.ts'
import { openCodexWorld } from '../packages/adapters/agent-codex/src/testing/codex-target.ts'
import { claudeUser, codexUser, setUpHarness } from './real-agents.ts'
import { openWorldAt, type World } from './world.ts'

/*
 * Capabilities: C6, R2. The real codex and claude, whose scripted model has them try our embedded Postgres, the daemon's token and /proc. What counts
 * is what the model is told of it. The same program, started by hand, is the control.
 */

/** It knows where everything lies. */
const attempts = `
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
const { state, daemon, socket, port } = JSON.parse(readFileSync('places.json', 'utf8'))
const tell = (door, found) => console.log('door ' + door + ': ' + found)
const read = (path, word) => { try { return readFileSync(path, 'utf8').includes(word) ? 'open' : 'shut' } catch { return 'shut' } }
// What a client of Postgres says first; a server answers whether it wants a password.
const parameters = Buffer.from('\\0\\x03\\0\\0user\\0coxswain\\0database\\0coxswain\\0\\0', 'latin1')
const hello = Buffer.concat([Buffer.alloc(4), parameters])
hello.writeUInt32BE(hello.length)
const say = (place, words, answer) => new Promise((resolve) => {
  const client = connect(place, () => client.write(words))
  client.once('data', (data) => { resolve(answer(data)); client.destroy() })
  client.once('error', () => resolve('shut'))
  client.once('close', () => resolve('shut'))
})
const processes = readdirSync('/proc').filter((name) => /^\\d+$/.test(name))
tell('token', read(state + '/daemon.json', 'token'))
tell('password', read(state + '/postgres/passwords.json', 'owner'))
tell('state', list(state).includes('postgres') ? 'open' : 'shut')
tell('database', await say({ path: socket }, hello, (data) => (data[0] === 82 ? 'open' : 'shut')))
tell('daemon-environment', read('/proc/' + daemon + '/environ', 'PATH'))
tell('daemon-root', read('/proc/' + daemon + '/root' + state + '/daemon.json', 'token'))
tell('processes', processes.some((pid) => read('/proc/' + pid + '/cmdline', 'postgres') === 'open') ? 'open' : 'shut')
const request = 'GET /v1/status HTTP/1.1\\r\\nhost: localhost\\r\\nconnection: close\\r\\n\\r\\n'
tell('daemon', await say({ host: '127.0.0.1', port }, request, (data) => data.toString().split(' ')[1]))
function list(path) { try { return readdirSync(path) } catch { return [] } }
`

const script = { doors: [{ tools: [{ kind: 'command', command: 'node doors.mjs' }] }, { text: 'Tried.' }] } as const

const allOpen = {
  token: 'open',
  password: 'open',
  state: 'open',
  database: 'open',
  'daemon-environment': 'open',
  'daemon-root': 'open',
  processes: 'open',
  // Under \`network: full\` its port is there for everybody; it wants a token.
  daemon: '401',
}
const allShut = { ...Object.fromEntries(Object.keys(allOpen).map((door) => [door, 'shut'])), daemon: '401' }

const readDoors = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/door ([\w-]+): (\w+)/g)].map(([, door = '', found = '']) => [door, found]))

/** Writes down where the daemon of this world has its things. */
async function placeAttempts(world: World): Promise<void> {
  const folder = readdirSync(world.stateDir).find((name) => readdirSync(join(world.stateDir, name)).includes('daemon.json')) ?? ''
  const state = join(world.stateDir, folder)
  const address = JSON.parse(readFileSync(join(state, 'daemon.json'), 'utf8')) as { url: string; pid: number }
  const [, , , port = '', socketDir = ''] = readFileSync(join(state, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')
  const places = {
    state,
    daemon: address.pid,
    socket: join(socketDir, `.s.PGSQL.${port}`),
    port: Number(new URL(address.url).port),
  }
  await world.write('places.json', JSON.stringify(places))
  await world.write('doors.mjs', attempts)
  world.commit('What to try')
}

test.concurrent.each([
  { name: 'codex in our sandbox', user: codexUser, open: openCodexWorld, sandbox: 'auto', expected: allShut },
  { name: 'claude in our sandbox', user: claudeUser, open: openClaudeWorld, sandbox: 'auto', expected: allShut },
  // The control of the way by the model: codex contains what its commands write, and hides processes and nothing else.
  {
    name: 'codex in its own sandbox alone',
    user: codexUser,
    open: openCodexWorld,
    sandbox: 'off',
    expected: { ...allOpen, 'daemon-environment': 'shut', 'daemon-root': 'shut', processes: 'shut' },
  },
] as const)('$name: the doors to Postgres, the token and other processes', async ({ user, open, sandbox, expected }) => {
  const agent = await open(script)
  try {
    await using world = openWorldAt({ root: join(agent.stateDir, 'cox'), repo: agent.worktree, env: agent.environment })
    world.git('config', 'user.name', 'Ann')
    world.git('config', 'user.email', 'ann@example.com')
    expect(await world.cox('init')).toMatchObject({ code: 0 })
    const { target, variables } = user
    await setUpHarness(world, { agent: target.name, model: target.model, variables, sandbox })
    world.commit('The harness')
    await world.cox('up', '-d')
    await placeAttempts(world)
    const byHand = execFileSync('node', ['doors.mjs'], { cwd: world.repo, env: world.env, encoding: 'utf8' })
    expect(readDoors(byHand)).toEqual(allOpen)

    await world.ask('run', 'Do what is asked. [scenario:doors]')
    expect(agent.model?.misses).toEqual([])
    const told = agent.model?.requests('doors').find(({ step }) => step === 1)?.text ?? ''
    expect(readDoors(told)).toEqual(expected)
  } finally {
    await agent.dispose()
  }
})
