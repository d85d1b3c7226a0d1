import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ensureStateFolder, stateFolder } from './state-folder.ts'

const here = { root: '/shop', gitDir: tmpdir(), pathId: 'shop-1' }
const folderIn = (base: string) => stateFolder(here, { COXSWAIN_STATE_DIR: base })

test('is made with all above it, for its user alone, also a second time', () => {
  const base = mkdtempSync(join(tmpdir(), 'cox-state-'))
  try {
    const folder = folderIn(join(base, 'deep/state'))
    for (let time = 0; time < 2; time += 1) ensureStateFolder(folder)
    expect([folder.root, folder.runs].map((path) => statSync(path).mode & 0o777)).toEqual([0o700, 0o700])
  } finally {
    rmSync(base, { recursive: true })
  }
})

test('a place where nothing can be made is an error', () => {
  for (const base of ['/proc/nope', '/dev/null/state'])
    expect(() => ensureStateFolder(folderIn(base))).toThrow(expect.objectContaining({ code: 'STATE_FOLDER_UNUSABLE' }))
})
