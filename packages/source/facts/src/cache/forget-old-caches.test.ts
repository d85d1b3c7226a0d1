import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { forgetOldCaches } from './forget-old-caches.ts'

it('removes caches that were not written for a month, and nothing else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cox-caches-'))
  try {
    const now = 2_000_000_000
    const ages = { 'old.sqlite': 31, 'old.sqlite-wal': 40, 'old.matches.json': 90, 'new.sqlite': 29, 'old.txt': 365 }
    for (const [name, days] of Object.entries(ages)) {
      writeFileSync(join(folder, name), '')
      utimesSync(join(folder, name), now, now - days * 86_400)
    }
    forgetOldCaches(folder, now * 1_000)
    expect(readdirSync(folder).toSorted()).toEqual(['new.sqlite', 'old.txt'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
