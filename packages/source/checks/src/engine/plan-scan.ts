import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TreeOptions } from '@coxswain/facts'
import { isCoxError } from '@coxswain/kernel'
import { readBaseline } from '../baseline/baseline.ts'
import { configFiles, loadConfig } from '../config/load-config.ts'

export interface ScanScope {
  readonly root: string
  /** Rules that were asked for; none means all. */
  readonly rules: readonly string[]
  /** Files that were asked for; null means all. */
  readonly changed: ReadonlySet<string> | null
}

/** Rules that look for something in the whole text of a file, and cost as much as all others together. */
const scanning: ReadonlySet<string> = new Set(['no-secrets', 'no-personal-data'])
const largestLeftOut = 1_000_000

/**
 * What of each file has to be looked at. What `exclude` leaves out still imports and is imported, so that nothing is called unused for
 * it: it is read for that alone, and not at all where it is large.
 */
export function planScan({ root, rules, changed }: ScanScope): Pick<TreeOptions, 'scan' | 'scanOf'> {
  const isAsked = rules.length === 0 || rules.some((rule) => scanning.has(rule))
  // A violation that moved out of a file that was not asked for is known only when that file was looked at, too.
  const isPartial = isAsked && changed !== null && !readBaseline(root).some(({ rule }) => scanning.has(rule))
  const excludes = readExclusions(root)
  if (isAsked && !isPartial && excludes === null) return {}
  return {
    scan: isAsked && !isPartial ? 'full' : 'code',
    scanOf: (path, bytes) => {
      if (excludes?.(path) === true) return bytes > largestLeftOut ? 'none' : 'code'
      return isAsked && (!isPartial || changed.has(path)) ? 'full' : 'code'
    },
  }
}

/** Null where nothing is left out by the repository itself: then the configuration is not read for this. */
function readExclusions(root: string): ((path: string) => boolean) | null {
  const read = (path: string): string | null => {
    try {
      return readFileSync(join(root, path), 'utf8')
    } catch {
      return null // the file is optional
    }
  }
  if (!/^\s*["']?exclude["']?\s*:/m.test(read(configFiles.checks) ?? '')) return null
  try {
    return loadConfig(read).excludes
  } catch (error) {
    // It is told by the check itself.
    if (isCoxError(error)) return null
    throw error
  }
}
