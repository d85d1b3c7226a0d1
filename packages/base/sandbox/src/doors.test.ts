import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openGit, readEnvironment, refreshPrivateGit, runCommand } from '@coxswain/host'
import { seconds } from '@coxswain/kernel'
import { afterEach, describe, expect, test } from 'vitest'
import { findForms, type UsableSandbox } from './find-sandbox.ts'
import { sandboxCommand } from './sandbox-command.ts'
import { openDoorWorld, type DoorWorld } from './testing/door-world.ts'
import { doors, type Door } from './testing/doors.ts'

/*
 * Each way out that `docs/security.md` lists, tried in each form that this machine has. Before that it is shown open without a sandbox, in a
 * world of its own: else a wrong attempt would look like a shut door.
 */
const forms = (await findForms(readEnvironment())).filter(({ kind }) => kind !== 'seatbelt')
const inTerminal = [
  'perl',
  fileURLToPath(new URL('testing/in-terminal.pl', import.meta.url)),
  process.arch === 'x64' ? '112' : '157',
]

const worlds: DoorWorld[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.dispose()
})

async function isOpen(door: Door, sandbox: UsableSandbox | null): Promise<boolean> {
  const world = await openDoorWorld()
  worlds.push(world)
  const { worktree, environment, shared } = world
  const script = ['sh', '-c', door.attempt(world)]
  const options = {
    cwd: worktree,
    worktree,
    writable: [],
    readable: [shared],
    environment,
    network: door.network ?? 'none',
  } as const
  const git = door.hasPrivateGit === true ? { git: join(world.root, 'git') } : {}
  if (git.git !== undefined) await refreshPrivateGit(openGit(worktree), git.git)
  const contained = sandbox === null ? script : await sandboxCommand({ sandbox, command: script, ...options, ...git })
  const command = door.hasTerminal === true ? [...inTerminal, ...contained] : contained
  const { exitCode } = await runCommand({ command, cwd: worktree, env: environment, timeout: seconds(30) })
  return exitCode === 0 && (door.wasOpen?.(world) ?? true)
}

const columns = [...new Set(forms.map(({ kind, program }) => `${kind} by ${program}`))]
const tried = forms.map((form, index) => ({ form, name: columns[index] }))

describe.each(tried)('$name', ({ form }) => {
  test.each(doors)('$id', async (door) => {
    const isOpenWithout = await isOpen(door, null)
    if (door.isOpenSomewhere !== true) expect(isOpenWithout).toBe(true)
    expect(await isOpen(door, form)).toBe(door.openIn?.includes(form.kind) ?? false)
  })
})

test('the table in docs/security.md has a row for each door, with what happens in each form', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/security.md'), 'utf8')
  const rows = [...text.matchAll(/^\| `([a-z-]+)` \|(.*)\|$/gm)].map(
    ([, id, cells = '']) => [id, cells.split('|').map((cell) => cell.trim())] as const,
  )
  const said = rows.filter(([, cells]) => cells.length === 5).map(([id, cells]) => [id, cells[1], cells[2], cells[3]])
  const answer = (door: Door, kind: 'bubblewrap' | 'namespaces' | 'landlock'): string =>
    door.openIn?.includes(kind) ? '**open**' : 'shut'
  expect(said).toEqual(
    doors.map((door) => [door.id, answer(door, 'bubblewrap'), answer(door, 'namespaces'), answer(door, 'landlock')]),
  )
})
