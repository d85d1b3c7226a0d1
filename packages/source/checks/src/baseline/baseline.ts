import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { atomicWrite } from '@coxswain/host'
import type { Finding } from '../finding.ts'

export interface BaselineEntry {
  readonly rule: string
  readonly fingerprint: string
  readonly moveKey: string
  readonly file: string
  /** Why it was accepted; empty for those that were there from the start. */
  readonly reason: string
}

export interface BaselineMatch {
  readonly fresh: readonly Finding[]
  /** Each known finding with its entry. */
  readonly known: readonly { readonly finding: Finding; readonly entry: BaselineEntry }[]
  /** Entries whose violation is gone. */
  readonly fixed: readonly BaselineEntry[]
}

const baselineFolder = 'harness/baseline'

/** One file per rule, one line per violation: `fingerprint moveKey file # reason`. */
export function readBaseline(root: string): BaselineEntry[] {
  const folder = join(root, baselineFolder)
  return listFolder(folder).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .flatMap((line) => parseLine(ruleOf(name), line)),
  )
}

/** Rules of other tools have names that no file may have. */
function fileOf(rule: string): string {
  return `${encodeURIComponent(rule)}.txt`
}

function ruleOf(name: string): string {
  try {
    return decodeURIComponent(name.slice(0, -'.txt'.length))
  } catch {
    return name.slice(0, -'.txt'.length) // not a name of ours: its lines match no finding
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.txt'))
      .toSorted()
  } catch {
    return [] // no baseline: nothing is known
  }
}

function parseLine(rule: string, line: string): BaselineEntry[] {
  const match = /^([0-9a-f]{16}) ([0-9a-f]{16}) (.*?)(?: # (.*))?$/.exec(line)
  if (match === null) return []
  const [, fingerprint = '', moveKey = '', file = '', reason = ''] = match
  return [{ rule, fingerprint, moveKey, file, reason }]
}

/** Each violation is matched with its own entry: one mended and one made do not cancel out. */
export function matchBaseline(findings: readonly Finding[], entries: readonly BaselineEntry[]): BaselineMatch {
  const open = new Map(entries.map((entry) => [`${entry.rule}\0${entry.fingerprint}`, entry]))
  const known: { finding: Finding; entry: BaselineEntry }[] = []
  const unplaced: Finding[] = []
  for (const finding of findings) {
    const key = `${finding.rule}\0${finding.fingerprint}`
    const entry = open.get(key)
    if (entry === undefined) unplaced.push(finding)
    else {
      open.delete(key)
      known.push({ finding, entry })
    }
  }
  const movable = Map.groupBy(open.values(), (entry) => `${entry.rule}\0${entry.moveKey}`)
  const fresh = unplaced.filter((finding) => {
    const moved = movable.get(`${finding.rule}\0${finding.moveKey}`)?.pop()
    if (moved === undefined) return true
    open.delete(`${moved.rule}\0${moved.fingerprint}`)
    known.push({ finding, entry: moved })
    return false
  })
  return { fresh, known, fixed: [...open.values()] }
}

/** What the baseline becomes: without what is mended, and with what is accepted only when a reason is given. */
export function planBaseline(match: BaselineMatch, accept: string | null): BaselineEntry[] {
  const kept = match.known.map(({ finding, entry }) => toEntry(finding, entry.reason))
  const accepted = accept === null ? [] : match.fresh.map((finding) => toEntry(finding, accept))
  return [...kept, ...accepted]
}

function toEntry(finding: Finding, reason: string): BaselineEntry {
  return {
    rule: finding.rule,
    fingerprint: finding.fingerprint,
    moveKey: finding.moveKey,
    file: finding.file,
    reason: reason.replace(/\s+/g, ' ').trim(),
  }
}

export async function writeBaseline(root: string, entries: readonly BaselineEntry[]): Promise<void> {
  const folder = join(root, baselineFolder)
  mkdirSync(folder, { recursive: true })
  // Lines are independent of each other: git may take those of both sides.
  await atomicWrite(join(folder, '.gitattributes'), '*.txt merge=union\n')
  const rules = Object.groupBy(entries, (entry) => entry.rule)
  for (const name of listFolder(folder)) if (rules[ruleOf(name)] === undefined) rmSync(join(folder, name))
  for (const [rule, own] of Object.entries(rules))
    await atomicWrite(join(folder, fileOf(rule)), (own ?? []).map(renderLine).toSorted().join(''))
}

function renderLine(entry: BaselineEntry): string {
  return `${entry.fingerprint} ${entry.moveKey} ${entry.file}${entry.reason === '' ? '' : ` # ${entry.reason}`}\n`
}
