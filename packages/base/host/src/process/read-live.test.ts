import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { identify, type ProcessIdentity } from './process-table.ts'
import { readLive } from './read-live.ts'

interface Told extends ProcessIdentity {
  readonly url: string
}

const shape = {
  safeParse: (value: unknown): { success: true; data: Told } | { success: false } =>
    typeof value === 'object' && value !== null && 'url' in value ? { success: true, data: value as Told } : { success: false },
}

test('only what a live process told in full is believed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cox-live-'))
  const file = join(folder, 'daemon.json')
  const own = { ...identify(process.pid), url: 'here' }
  const found: unknown[] = [await readLive(file, shape)]
  for (const text of [
    JSON.stringify(own),
    JSON.stringify({ ...own, startedAt: 'another one with this pid' }),
    JSON.stringify(own).slice(0, 10),
    '{}',
    '',
  ]) {
    await writeFile(file, text)
    found.push(await readLive(file, shape))
  }
  expect(found).toEqual([null, own, null, null, null, null])
  await rm(folder, { recursive: true })
})
