import { existsSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemClock } from '@coxswain/host'
import { extractorVersion } from '../extract/extract-facts.ts'
import { cacheFile } from './cache-file.ts'
import { openFactCache, type FactCache } from './fact-cache.ts'
import { forgetOldCaches } from './forget-old-caches.ts'

/** The cache of a repository; null where none can be kept. One that is locked, full or broken costs time and nothing else. */
export function openCache(root: string): FactCache | null {
  const file = cacheFile(root)
  const tolerate = <T>(run: () => T, otherwise: T): T => {
    try {
      return run()
    } catch (error) {
      if (!isDatabaseError(error)) throw error
      removeBroken(file, error)
      return otherwise
    }
  }
  const cache = openQuietly(file)
  if (cache === null) return null
  return {
    get: (key) => tolerate(() => cache.get(key), undefined),
    getAll: (keys) => tolerate(() => cache.getAll(keys), new Map()),
    knows: (of) => tolerate(() => cache.knows(of), false),
    loadSnapshot: (of) => tolerate(() => cache.loadSnapshot(of), null),
    save: (change) => tolerate(() => cache.save(change), undefined),
    close: () => cache.close(),
  }
}

function openQuietly(file: string): FactCache | null {
  try {
    const isNew = !existsSync(file)
    const cache = openFactCache(file, extractorVersion)
    if (isNew) forgetOldCaches(dirname(file), systemClock.now())
    return cache
  } catch (error) {
    if (error instanceof Error) removeBroken(file, error)
    return null // also where the folder cannot be written to
  }
}

function isDatabaseError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR'
}

/** The next run starts a new one. */
function removeBroken(file: string, { message }: Error): void {
  if (!/malformed|not a database/.test(message)) return
  for (const tail of ['', '-wal', '-shm']) rmSync(file + tail, { force: true })
}
