import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { programStamp } from './program-stamp.ts'

it('changes with a file of the asking folder, of a room and of a folder inside it, and with nothing else', async () => {
  const world = await mkdtemp(join(tmpdir(), 'cox-stamp-'))
  onTestFinished(() => rm(world, { recursive: true, force: true }))
  const places = ['own/a.js', 'room/index.js', 'room/deep/b.js']
  for (const folder of ['own', 'room/deep', 'other']) await mkdir(join(world, folder), { recursive: true })
  for (const place of places) await writeFile(join(world, place), '1')
  const stamp = (): string =>
    programStamp({
      own: join(world, 'own'),
      rooms: ['room', 'missing'],
      resolve: (room) => {
        if (room === 'missing') throw new Error('no such room')
        return pathToFileURL(join(world, room, 'index.js')).href
      },
    })
  const seen = [stamp()]
  await writeFile(join(world, 'other/c.js'), '1')
  expect(stamp()).toBe(seen[0])
  for (const place of places) {
    await writeFile(join(world, place), '22')
    seen.push(stamp())
  }
  expect(new Set(seen).size).toBe(4)
})
