import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentProbe } from '@coxswain/agents'
import { readEnvironment, scrubEnvironment } from '@coxswain/host'
import { sleep } from '@coxswain/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createAcpBackend } from './acp-backend.ts'
import { scriptedAgentProgram } from './testing/scripted-target.ts'

let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cox meet ')))
  mkdirSync(join(root, 'repository'))
})
afterEach(() => {
  expect(liveBelow(root)).toEqual([])
  rmSync(root, { recursive: true, force: true })
})

/** Processes whose home is below the folder. */
function liveBelow(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      const isZombie = / [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, ''))
      return !isZombie && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`HOME=${folder}/`)
    } catch {
      return false // no process, gone meanwhile, or of somebody else
    }
  })
}

interface ProbeOptions {
  readonly isTrial?: boolean
  /** Patience ends once the program has made `begun` in its home. */
  readonly isImpatient?: boolean
}

async function probe(commandLine: string, more: ProbeOptions = {}): Promise<AgentProbe> {
  const environment = readEnvironment()
  const trial = {
    folder: mkdtempSync(join(root, 'trial-')),
    cwd: join(root, 'repository'),
    environment: scrubEnvironment(environment),
  }
  const stop = new AbortController()
  const probed = createAcpBackend({ commandLine, environment }).probe({
    environment,
    signal: stop.signal,
    ...(more.isTrial === false ? {} : { trial }),
  })
  if (more.isImpatient === true) {
    while (!existsSync(join(trial.folder, 'state/home/begun'))) await sleep(5)
    stop.abort()
  }
  return probed
}

/** A script of the repository, so that a relative path to it is found too. */
function script(text: string): string {
  writeFileSync(join(root, 'repository/agent.sh'), text)
  return 'sh agent.sh'
}

test('AG-16 an agent that answers is told by what it says of itself, and is gone afterwards', async () => {
  writeFileSync(join(root, 'script.json'), '{}')
  const found = await probe(`node "${scriptedAgentProgram}" --script "${join(root, 'script.json')}"`)
  expect(found).toMatchObject({
    problems: [],
    introduction: { name: 'scripted-agent', version: '0.1.0', logins: [] },
  })
  const result = {
    protocolVersion: 1,
    authMethods: [{ id: 'oauth', name: 'Log in with a browser' }, { id: 'key' }],
  }
  const answer = JSON.stringify({ jsonrpc: '2.0', id: 'initialize', result })
  expect(await probe(script(`read line\nprintf '%s\\n' '${answer}'\nread line\n`))).toMatchObject({
    problems: [],
    introduction: { name: null, version: null, logins: ['Log in with a browser', 'key'] },
  })
})

test('AG-16 one that ends at once is a problem, with its own words', async () => {
  const { introduction, problems } = await probe(script('echo "cannot find libfoo" >&2\nexit 127\n'))
  expect(introduction).toBeUndefined()
  expect(problems).toEqual([
    'The agent `sh agent.sh` did not start: it ended without an answer\ncannot find libfoo. Run the command by hand and read what it says.',
  ])
})

const begun = 'touch "$HOME/begun"'

test.each([
  ['says nothing', `echo "waiting for a login" >&2\n${begun}\nexec sleep 1000\n`, /does not answer\nwaiting for a login\. /],
  ['says something else for ever', `${begun}\nwhile :; do echo x; sleep 0.05; done\n`, /does not answer/],
  ['does not listen to a stop', `trap '' TERM INT HUP\n${begun}\nwhile :; do sleep 0.1; done\n`, /does not answer/],
])('AG-16 one that %s is a problem after its time, and is stopped', async (_, text, problem) => {
  const { problems } = await probe(script(text), { isImpatient: true })
  expect(problems).toEqual([expect.stringMatching(problem)])
})

test('AG-16 no program is started unasked, and none by a package runner, which might install it first', async () => {
  const mark = join(root, 'started')
  expect((await probe(script(`touch '${mark}'\n`), { isTrial: false })).problems).toEqual([])
  mkdirSync(join(root, 'bin'))
  writeFileSync(join(root, 'bin/npx'), `#!/bin/sh\ntouch '${mark}'\n`, { mode: 0o755 })
  expect((await probe(`"${join(root, 'bin/npx')}" my-agent --acp`)).introduction).toBeUndefined()
  expect(readdirSync(root)).not.toContain('started')
})
