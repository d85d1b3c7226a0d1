import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { milliseconds } from '@coxswain/kernel'
import { openPlace, type Place } from './testing/open-place.ts'

let place: Place
beforeEach(async () => {
  place = await openPlace()
})
afterEach(() => place[Symbol.asyncDispose]())

async function program(path: string, text: string): Promise<string> {
  const file = join(place.root, path)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, `#!/bin/sh\n${text}\n`)
  await chmod(file, 0o755)
  return file
}

test('where the repository signs its commits a landing is signed, in the same words', async () => {
  const change = await place.work({ 'new.txt': 'new\n' })
  const signer =
    'cat >/dev/null; echo "[GNUPG:] SIG_CREATED " >&2; printf -- "-----BEGIN PGP SIGNATURE-----\\nx\\n-----END PGP SIGNATURE-----\\n"'
  place.git('config', 'commit.gpgSign', 'true')
  place.git('config', 'gpg.program', await program('gpg', signer))
  const landing = await place.land({ ...change, message: 'Work\n\nWith a body.\n\nCoxswain-Run: r1\n' })
  expect(landing).toEqual({ kind: 'landed', commit: place.git('rev-parse', 'main'), results: [] })
  const raw = place.git('cat-file', 'commit', 'main')
  expect(raw).toContain('gpgsig -----BEGIN PGP SIGNATURE-----')
  expect(place.git('log', '-1', '--format=%an|%ae|%ct|%P|%B', 'main')).toBe(
    `Ann|ann@example.com|1800000000|${place.base}|Work\n\nWith a body.\n\nCoxswain-Run: r1`,
  )
  // Repeated after a crash, it finds itself.
  expect(await place.land({ ...change, message: 'Work\n\nCoxswain-Run: r1\n' })).toMatchObject({
    kind: 'landed',
    commit: landing.kind === 'landed' && landing.commit,
  })
})

test('a key that cannot be used is told of, and the work lands all the same', async () => {
  const change = await place.work({ 'new.txt': 'new\n' })
  place.git('config', 'commit.gpgSign', 'true')
  place.git('config', 'gpg.program', await program('gpg', 'echo "no secret key" >&2; exit 2'))
  const landing = await place.land(change)
  expect(landing).toMatchObject({ kind: 'landed', unsigned: expect.stringMatching(/./) })
  expect(place.git('cat-file', 'commit', 'main')).not.toContain('gpgsig')
})

test.each([
  ['in the git folder', 'repo/.git/hooks', null],
  ['in a folder of its own', 'hooks', '../hooks'],
])('a hook %s that forbids the move is obeyed and named', async (_, folder, setting) => {
  const change = await place.work({ 'new.txt': 'new\n' })
  const hook = await program(
    `${folder}/reference-transaction`,
    'while read old new ref; do [ "$ref" = refs/heads/main ] && echo "main is frozen" >&2 && exit 1; done; exit 0',
  )
  if (setting !== null) place.git('config', 'core.hooksPath', setting)
  const landing = await place.land(change)
  expect(landing).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(/reference-transaction refused to move "main": .*/),
  })
  expect([place.git('rev-parse', 'main'), place.status()]).toEqual([place.base, ''])
  await chmod(hook, 0o644)
  expect((await place.land(change)).kind).toBe('landed')
})

test('a hook that does not answer is ended and named, and leaves no lock', async () => {
  const change = await place.work({ 'new.txt': 'new\n' })
  const hook = await program('repo/.git/hooks/reference-transaction', 'sleep 600')
  const landing = await place.land(change, { hookPatience: milliseconds(300) })
  expect(landing).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(/reference-transaction did not answer in 300 ms whether "main" may move, and was ended/),
  })
  expect(place.git('rev-parse', 'main')).toBe(place.base)
  await chmod(hook, 0o644)
  expect((await place.land(change)).kind).toBe('landed')
})
