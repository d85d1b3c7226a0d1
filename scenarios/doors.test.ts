import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld, until, type World } from './world.ts'

/* Capabilities: U1, C6. What the agent of one run gets hold of, and what it may ask: the same attack with and without a sandbox. */

/** Tries every way to act as somebody else, and writes down what came of it. It knows where everything lies. */
const attack = `
import { readFileSync, writeFileSync, readdirSync } from 'node:fs'
import { request } from 'node:http'
const [state, cox] = process.argv.slice(2)
const read = (path) => { try { return readFileSync(path, 'utf8') } catch { return null } }
const list = (path) => { try { return readdirSync(path) } catch { return [] } }
const socketPath = process.env.COXSWAIN_RUN_SOCKET
const ask = (place, method, path, body, headers = {}) => new Promise((resolve) => {
  const asked = request({ ...place, method, path, agent: false, headers: { host: 'localhost', ...headers } }, (response) => {
    response.resume().on('end', () => resolve(response.statusCode))
  })
  asked.on('error', (error) => resolve(error.code))
  asked.end(body === undefined ? undefined : JSON.stringify(body))
})
const door = (method, path, body) => ask({ socketPath }, method, path, body)
const own = process.env.COXSWAIN_RUN
const folder = list(state).find((name) => name.startsWith('repo')) ?? 'repo'
const address = JSON.parse(read(state + '/' + folder + '/daemon.json') ?? 'null')
const passwords = JSON.parse(read(state + '/' + folder + '/postgres/passwords.json') ?? 'null')
const approve = { kind: 'approve' }
const byToken = address === null ? 'no token' : await ask(
  { host: '127.0.0.1', port: new URL(address.url).port }, 'POST', '/v1/runs/r1/interventions', approve, { authorization: 'Bearer ' + address.token })
writeFileSync('report.json', JSON.stringify({
  token: address !== null,
  password: passwords !== null,
  databaseSocket: list(state + '/' + folder + '/postgres/socket').length > 0,
  otherRun: list(state + '/' + folder + '/runs').includes('r1'),
  byToken,
  secrets: Object.entries(process.env).filter(([, value]) => value.includes('a-secret')).map(([name]) => name),
  ours: Object.keys(process.env).filter((name) => /^(COXSWAIN|PG|DBOS)/.test(name) && name !== 'COXSWAIN_PROCESS').sort(),
  door: {
    show: await door('GET', '/v1/runs/' + own),
    approveOther: await door('POST', '/v1/runs/r1/interventions', approve),
    approveItself: await door('POST', '/v1/runs/' + own + '/interventions', approve),
    showOther: await door('GET', '/v1/runs/r1'),
    addThatLands: await door('POST', '/v1/tasks', { text: 'x', mayLand: true, start: true }),
    cancelTask: await door('POST', '/v1/tasks/t1/cancel'),
    shutdown: await door('POST', '/v1/shutdown'),
    clean: await door('POST', '/v1/clean', {}),
    allEvents: await door('GET', '/v1/events'),
    ask: await door('POST', '/v1/runs/' + own + '/questions', { text: 'Which style?' }),
  },
}))
`

interface Report {
  readonly token: boolean
  readonly ours: readonly string[]
}

async function openWorld(sandbox: 'auto' | 'off'): Promise<World> {
  const world = await createWorld({
    config: `sandbox: ${sandbox}\ngates: []\n`,
    files: { 'attack.mjs': attack },
    env: {
      NPM_TOKEN: 'a-secret',
      PGPASSWORD: 'a-secret',
      GITHUB_TOKEN: 'a-secret',
      HTTPS_PROXY: 'http://ann:a-secret@127.0.0.1:9',
    },
    script: {
      honest: [[{ do: 'write', path: 'honest.txt', content: 'done\n' }]],
      attack: [[{ do: 'run', command: ['sh', '-c', 'node attack.mjs "$(cat where)" "$(cat where)"'] }]],
    },
  })
  await world.write('where', world.stateDir)
  world.commit('where')
  return world
}

async function attacked(world: World): Promise<{ readonly report: Report; readonly first: string }> {
  await world.cox('up', '-d')
  await world.ask('run', '[scenario:honest] do it')
  const { outcome } = await world.ask<{ outcome: string }>('run', '[scenario:attack] do it')
  expect(outcome).toBe('awaiting-approval')
  const report = JSON.parse(world.git('show', 'cox/r2:report.json')) as Report
  const { run } = await world.ask<{ run: { state: string } }>('show', 'r1')
  await world.cox('down')
  return { report, first: run.state }
}

/** What the door says is the same in both: the socket knows who asks. */
const door = {
  show: 200,
  approveOther: 403,
  approveItself: 403,
  showOther: 403,
  addThatLands: 403,
  cancelTask: 403,
  shutdown: 403,
  clean: 403,
  allEvents: 403,
  ask: 201,
}
const ours = ['COXSWAIN_RUN', 'COXSWAIN_RUN_SOCKET']

test('the control: without a sandbox the agent of one run reads the token, and approves another one with it', async () => {
  await using world = await openWorld('off')
  const { report, first } = await attacked(world)
  expect(report).toEqual({
    token: true,
    password: true,
    databaseSocket: true,
    otherRun: true,
    byToken: 200,
    secrets: [],
    ours,
    door,
  })
  expect(first).not.toBe('awaiting-approval')
})

test('DAE-5 a contained agent finds neither token nor password nor another run, and its own door lets it act on nothing', async () => {
  await using world = await openWorld('auto')
  const { findings } = await world.ask<{ findings: { subject: string; status: string }[] }>('doctor')
  const isContained = findings.some((finding) => finding.subject === 'sandbox' && finding.status === 'ok')
  const { report, first } = await attacked(world)
  expect(report).toMatchObject({ secrets: [], ours, door, token: !isContained })
  if (!isContained) return
  expect(report).toEqual({
    token: false,
    password: false,
    databaseSocket: false,
    otherRun: false,
    byToken: 'no token',
    secrets: [],
    ours,
    door,
  })
  expect(first).toBe('awaiting-approval')
})

test('DAE-8 inside a run cox shows that run, asks its person, and does nothing else', async () => {
  await using world = await createWorld({
    config: 'sandbox: off\ngates: []\n',
    script: { inside: [[{ do: 'run', command: ['sh', 'inside.sh'] }]] },
  })
  const quoted = world.command().map((word) => `'${word}'`)
  const cox = quoted.join(' ')
  const commands = [
    'approve r1',
    'resume r1',
    'cancel r1',
    'task add x',
    'run x',
    'up -d',
    'down',
    'worker',
    'clean',
    'status',
    'show r2',
  ]
  await world.write(
    'inside.sh',
    [
      `${cox} show "$COXSWAIN_RUN" --json >shown.json`,
      `${cox} say "$COXSWAIN_RUN" "Tabs or spaces?" >asked.txt`,
      ...commands.map((command) => `echo "${command}: $(${cox} ${command} 2>&1 >/dev/null | head -1) $?" >>refused.txt`),
    ].join('\n'),
  )
  world.commit('inside')
  await world.cox('up', '-d')
  await world.ask('run', '[scenario:inside] do it')
  const made = (path: string): string => world.git('show', `cox/r1:${path}`)
  expect(JSON.parse(made('shown.json'))).toMatchObject({ run: { id: 'r1', state: 'working' } })
  expect(made('asked.txt')).toBe('asked; 19 more questions may be asked')
  expect(
    made('refused.txt')
      .split('\n')
      .map((line) => line.replace(/ 0$/, '')),
  ).toEqual(
    commands.map((command) =>
      command === 'show r2'
        ? 'show r2: ACT_NOT_ALLOWED: Not allowed: the agent of r1 may ask about r1 alone'
        : `${command}: ACT_NOT_ALLOWED: Inside r1 this is not allowed: what happens to runs is for a person to decide`,
    ),
  )
  expect((await world.cox('logs', 'r1')).stdout).toContain('the agent asks: Tabs or spaces?')
  await world.cox('down')
})

test('STO-9 no log, answer, error or process has a password of the database, and its files are for this user alone', async () => {
  await using world = await createWorld({
    config: 'gates: []\n',
    script: { plain: [[{ do: 'write', path: 'a.txt', content: 'a' }]] },
  })
  await world.cox('up', '-d')
  const folder = (await readdir(world.stateDir)).find((name) => name.startsWith('repo')) ?? ''
  const state = join(world.stateDir, folder)
  const passwords = JSON.parse(await readFile(join(state, 'postgres/passwords.json'), 'utf8')) as Record<string, string>
  const secrets = [passwords['owner'] ?? '', passwords['app'] ?? '']
  expect(secrets.every((secret) => secret.length >= 32)).toBe(true)
  const said = [
    (await world.cox('run', '[scenario:plain] do it')).stdout,
    (await world.cox('status', '--json')).stdout,
    (await world.cox('show', 'r1', '--json')).stdout,
    (await world.cox('logs', 'r1')).stdout,
    (await world.cox('doctor', '--json')).stdout,
    await readFile(join(state, 'daemon.log'), 'utf8'),
  ]
  expect(said.filter((text) => secrets.some((secret) => text.includes(secret)))).toEqual([])
  await world.cox('down')
  await until(async () => (await world.cox('status')).code === 0, 'it opens again')
})

test('STO-16 a database whose role is a superuser is told of, and its password is told to nobody', async () => {
  await using world = await createWorld({ config: 'gates: []\n' })
  await world.cox('up', '-d')
  const folder = (await readdir(world.stateDir)).find((name) => name.startsWith('repo')) ?? ''
  const database = join(world.stateDir, folder, 'postgres')
  const { owner = '' } = JSON.parse(await readFile(join(database, 'passwords.json'), 'utf8')) as Record<string, string>
  const url = `postgresql://coxswain:${owner}@localhost/coxswain?host=${encodeURIComponent(join(database, 'socket'))}`
  await using other = await createWorld({ config: 'gates: []\n', env: { COXSWAIN_DATABASE_URL: url } })
  const started = await other.cox('up', '-d')
  const status = await other.ask<{ warnings: string[] }>('status')
  expect(status.warnings.filter((text) => text.includes('superuser'))).toHaveLength(1)
  expect((await world.ask<{ warnings: string[] }>('status')).warnings.filter((text) => text.includes('superuser'))).toEqual([])
  await other.cox('down')
  const own = (await readdir(other.stateDir)).find((name) => name.startsWith('repo')) ?? ''
  const log = await readFile(join(other.stateDir, own, 'daemon.log'), 'utf8')
  expect([started.stdout, started.stderr, JSON.stringify(status), log].filter((text) => text.includes(owner))).toEqual([])
  const wrong = { ...other.env, COXSWAIN_DATABASE_URL: url.replace(owner, 'guessed-by-nobody') }
  await using third = await createWorld({ config: 'gates: []\n', env: wrong })
  const refused = await third.cox('up', '-d')
  expect([refused.code, refused.stderr.split(':')[0], refused.stderr.includes('guessed-by-nobody')]).toEqual([
    2,
    'DATABASE_UNREACHABLE',
    false,
  ])
  await world.cox('down')
})

test('DAE-22 what a live run has no use for is refused with what to do instead, and the run goes on as if nothing was said', async () => {
  await using world = await createWorld({
    config: 'gates: []\n',
    script: { slow: [[{ do: 'mark' }, { do: 'wait', for: 'go' }, { do: 'write', path: 'a.txt', content: 'a' }]] },
  })
  await world.cox('up', '-d')
  await world.cox('task', 'add', '[scenario:slow] do it')
  const stateOf = async (): Promise<string> => (await world.ask<{ run: { state: string } }>('show', 'r1')).run.state
  await until(async () => (await stateOf()) === 'working', 'it works')
  const said = await Promise.all(['approve', 'resume'].map((act) => world.cox(act, 'r1')))
  expect(said.map(({ code, stderr }) => [code, stderr])).toEqual([
    [
      2,
      'INTERVENTION_REFUSED: Cannot approve r1: it is going on (working): there is nothing to approve yet\n  Approve it when it asks: `cox status` lists what waits for you.\n',
    ],
    [2, 'INTERVENTION_REFUSED: Cannot resume r1: it is going on (working)\n  It goes on by itself.\n'],
  ])
  expect(await stateOf()).toBe('working')
  expect((await world.cox('cancel', 'r1')).code).toBe(0)
  expect(await stateOf()).toBe('cancelled')
  await world.cox('down')
})
