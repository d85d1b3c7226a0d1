import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createWorld, ended, processesOf, until } from './world.ts'

/* Capabilities: U1, A1. What `cox doctor` says of the agent that would work here, and that nothing is left of it. */

test('doctor starts the agent that would work here, tells what it says of itself or why it does not answer, and leaves nothing', async () => {
  await using world = await createWorld({ files: { 'agents/crash.sh': 'echo "cannot find libfoo" >&2\nexit 127\n' } })
  interface Report {
    readonly ok: boolean
    readonly findings: readonly {
      readonly subject: string
      readonly status: string
      readonly what: string
      readonly fix: string | null
    }[]
  }
  const about = ({ findings }: Report, agent: string) => findings.find(({ subject }) => subject === `agent ${agent}`)
  expect(about(await world.ask<Report>('doctor'), world.agent)).toMatchObject({
    status: 'ok',
    what: expect.stringMatching(/, answers as scripted-agent 0\.1\.0$/),
  })
  world.git('config', 'commit.gpgSign', 'true')
  for (const hook of ['commit-msg', 'reference-transaction'])
    await writeFile(join(world.repo, '.git/hooks', hook), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  const crashing = 'acp:sh agents/crash.sh'
  const report = await world.ask<Report>('doctor', '--agent', crashing)
  expect([report.code, report.ok]).toEqual([1, false])
  expect(about(report, crashing)).toMatchObject({
    status: 'problem',
    fix: expect.stringContaining('it ended without an answer\ncannot find libfoo. Run the command by hand'),
  })
  const words = ['signing', 'hook', 'hooks'].map((word) => report.findings.find(({ subject }) => subject === word)?.what)
  expect(words).toEqual([
    expect.stringMatching(/landings are signed with your key/),
    expect.stringMatching(/hooks\/reference-transaction is asked before a branch of yours moves/),
    expect.stringMatching(/^commit-msg in .*hooks are not run for landings/),
  ])
  expect(world.git('status', '--porcelain')).toBe('')
})

test('doctor that is interrupted takes the agent with it', async () => {
  await using world = await createWorld({ config: null })
  await world.write('agents/silent.sh', 'sleep 1000\n')
  const silent = `acp:sh ${join(world.repo, 'agents/silent.sh')}`
  const child = world.start('doctor', '--agent', silent)
  const end = ended(child)
  await until(() => processesOf(world.root).some((line) => /^\S*sh \S*silent\.sh$/.test(line)), 'the agent was started')
  child.kill('SIGINT')
  await end
  expect(child.signalCode).toBe('SIGINT')
})

test('doctor takes no agent for the configured one where the configuration cannot be read', async () => {
  await using world = await createWorld({ config: 'gates: [\n' })
  interface Report {
    readonly findings: readonly { readonly subject: string; readonly status: string }[]
  }
  const { code, findings } = await world.ask<Report>('doctor')
  expect([code, findings.filter(({ status }) => status === 'problem').map(({ subject }) => subject)]).toEqual([1, ['harness']])
})
