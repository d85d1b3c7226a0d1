import { describe, test } from 'vitest'
import { createWorld, release, until, type World } from './world.ts'

/* Capabilities: U1, R1, T1. A backlog of Markdown files, and what `cox status` says while it is worked off. */

interface Status {
  readonly activity: readonly { readonly run: string; readonly name: string }[]
  readonly waits: readonly { readonly run: string; readonly for: string }[]
  readonly titles: Readonly<Record<string, string>>
  readonly active: readonly { readonly id: string; readonly state: string }[]
}

interface Task {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly priority: number
  readonly package: string | null
  readonly budget: Readonly<Record<string, number | null>>
  readonly mayLand: boolean
  readonly origin: string
}

const work = (path: string): Readonly<Record<string, unknown>> => ({ do: 'write', path, content: `${path}\n` })

function createBacklogWorld(): Promise<World> {
  return createWorld({
    config: 'concurrency: 1\ngates: [{ name: proof, command: [test, -f, packages/web/base.txt] }]\n',
    files: { 'packages/web/base.txt': 'base\n' },
    script: {
      limited: [
        [{ do: 'fail', code: -32603, message: '429 Too Many Requests: rate limit reached, retry after 3600s' }],
        [work('limited.txt')],
      ],
      slow: [[work('slow.txt'), { do: 'wait', for: 'go' }]],
      quick: [[work('quick.txt')]],
    },
  })
}

describe('a backlog of Markdown files', () => {
  test('front matter counts: title, priority, package, budget; a file never lets its task land, and a flag wins', async ({
    expect,
  }) => {
    await using world = await createBacklogWorld()
    await world.write(
      'backlog/1-first.md',
      '---\ntitle: Do it slowly\npackage: packages/web\nbudget: { tokens: 5000, time: 20m }\nland: true\n---\n\n[scenario:slow] work\n',
    )
    await world.write('backlog/2-second.md', '---\npriority: -5\n---\n## Do it quickly\n\n[scenario:quick] work\n')
    await world.write('backlog/3-third.md', 'The first line is the title\n\nand more\n')
    const { tasks, warnings } = await world.ask<{ tasks: Task[]; warnings: string[] }>('task', 'import', 'backlog')
    expect(warnings).toEqual(['1-first.md: "land" means nothing here'])
    expect(
      tasks.map(({ id, title, priority, package: folder, mayLand, text, origin }) => [
        id,
        title,
        priority,
        folder,
        mayLand,
        text,
        origin,
      ]),
    ).toEqual([
      ['t1', 'Do it slowly', 0, 'packages/web', false, '\n[scenario:slow] work\n', 'file:1-first.md'],
      ['t2', 'Do it quickly', -5, null, false, '## Do it quickly\n\n[scenario:quick] work\n', 'file:2-second.md'],
      ['t3', 'The first line is the title', 0, null, false, 'The first line is the title\n\nand more\n', 'file:3-third.md'],
    ])
    expect(tasks[0]?.budget).toMatchObject({ tokens: 5000, timeMs: 1_200_000 })
    const again = await world.ask<{ added: number }>('task', 'import', 'backlog')
    expect(again.added).toBe(0)
    const { task } = await world.ask<{ task: Task }>('task', 'add', '--file', 'backlog/2-second.md', '--priority', '7')
    expect([task.title, task.priority]).toEqual(['Do it quickly', 7])
  })

  test('what cannot be read is told with file and line, and nothing is added', async ({ expect }) => {
    await using world = await createBacklogWorld()
    await world.write('backlog/1.md', 'Fine\n')
    await world.write('backlog/2.md', '---\ntitle: a\npriority: soon\n---\nText\n')
    const call = await world.cox('task', 'import', 'backlog')
    expect([call.code, call.stderr.split('\n')[0]]).toEqual([
      2,
      'TASK_INVALID: The task cannot be read: 2.md:3: priority: write a number, not "soon"',
    ])
    expect((await world.ask<{ tasks: unknown[] }>('task', 'list')).tasks).toEqual([])
  })

  test('the status says the titles, the last deed of a run, and what the others wait for', async ({ expect }) => {
    await using world = await createBacklogWorld()
    await world.cox('up', '-d')
    await world.cox('task', 'add', '[scenario:slow] Go slowly')
    await until(async () => (await statusOf(world)).includes('changed slow.txt'), 'the agent has written')
    await world.cox('task', 'add', '[scenario:quick] Go quickly')
    const text = await statusOf(world)
    expect(text).toMatch(
      /Going on\n {2}r1 working · \[scenario:slow\] Go slowly · acp:node · .*\n {5}changed slow\.txt \(.* ago\)\n/,
    )
    expect(text).toMatch(
      /Queued\n {2}r2 queued · \[scenario:quick\] Go quickly · .*\n {5}waits for a place: 1 of 1 in use \(`concurrency` in harness\/harness\.yaml\)/,
    )
    const status = await world.ask<Status>('status')
    expect(status.titles).toEqual({ t1: '[scenario:slow] Go slowly', t2: '[scenario:quick] Go quickly' })
    expect(status.waits).toEqual([{ run: 'r2', for: 'a place: 1 of 1 in use (`concurrency` in harness/harness.yaml)' }])
    await release(world, 'go')
    await until(async () => (await statusOf(world)).includes('Needs you'), 'both are done')
  })

  test('a run that waits for a limit leaves its place to a run of another agent, and none of its own begins', async ({
    expect,
  }) => {
    await using world = await createBacklogWorld()
    // Another command line is another agent.
    const other = world.agent.replace(' --script', '  --script')
    await world.cox('up', '-d')
    await world.cox('task', 'add', '[scenario:limited] Wait for the limit')
    await until(async () => (await world.ask<Status>('status')).waits.length === 1, 'the limit is waited for')
    await world.cox('task', 'add', '[scenario:quick] Of the same agent')
    await world.cox('task', 'add', '--agent', other, '[scenario:quick] Of another agent')
    await until(async () => (await stateOf(world, 'r3')) === 'awaiting-approval', 'the other one is done')
    expect([await stateOf(world, 'r1'), await stateOf(world, 'r2')]).toEqual(['waiting', 'queued'])
    expect(
      (await world.ask<Status>('status')).waits.map((wait) => [wait.run, wait.for.replace(/\d\d:\d\d:\d\d/, 'then')]),
    ).toEqual([
      ['r1', "the agent's limit or a retry, until then"],
      ['r2', 'its agent, for which r1 waits too'],
    ])
  })
})

async function statusOf(world: World): Promise<string> {
  return (await world.cox('status')).stdout
}
async function stateOf(world: World, run: string): Promise<string> {
  return (await world.ask<{ state: string }>('show', run)).state
}
