import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddTaskParams } from '@coxswain/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { fileParams, type TaskFlags } from './given-task.ts'
import { readTaskFile } from './task-file.ts'

/** What is asked of the daemon for a file of this text. */
async function asked(text: string, flags: TaskFlags = {}): Promise<AddTaskParams> {
  const folder = await mkdtemp(join(tmpdir(), 'cox-task-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'tidy-up.md')
  await writeFile(file, text)
  return fileParams(flags, file, await readTaskFile(file))
}

const head = '---\ntitle: Tidy\npriority: 3\npackage: web\nagent: codex\nbudget: { tokens: 5, usd: 2, time: 20m }\n---\n'

test('SUR-3 the front matter of a file counts, and a flag wins over it', async () => {
  expect(await asked(`${head}# Other\n\nDo it.\n`)).toMatchObject({
    title: 'Tidy',
    priority: 3,
    package: 'web',
    agent: 'codex',
    budget: { tokens: 5, usd: 2, timeMs: 1_200_000 },
    origin: 'file:tidy-up.md',
  })
  const flags = { priority: -1, package: 'api', agent: 'claude', budgetTokens: 9 }
  expect(await asked(`${head}Do it.\n`, flags)).toMatchObject({
    title: 'Tidy',
    priority: -1,
    package: 'api',
    agent: 'claude',
    budget: { tokens: 9, usd: 2, timeMs: 1_200_000 },
  })
})

test('SUR-5 a file never lets its task land by itself: a flag does', async () => {
  const text = '---\nmayLand: true\nland: true\n---\nDo it.\n'
  expect([(await asked(text)).mayLand, (await asked(text, { land: true })).mayLand]).toEqual([false, true])
})

test('SUR-6 without a title the first heading is it, and without one the daemon takes the first line', async () => {
  expect((await asked('Before.\n\n## Mend the door\n\n# Later\n')).title).toBe('Mend the door')
  expect((await asked('Mend it.\n')).title).toBeUndefined()
})
