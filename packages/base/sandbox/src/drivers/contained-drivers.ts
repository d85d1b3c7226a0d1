import type { DriverCall, Drivers } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import { containedLine } from './driver-line.ts'
import { outsideProgram } from './outside-program.ts'

/**
 * The argument array that starts a command contained in a working tree. `writes`: what it makes of files is a file there; else it answers
 * on its output. Null where nothing is contained.
 */
export type ContainDriver = (
  command: readonly string[],
  place: { readonly top: string; readonly writes: boolean },
) => Promise<readonly string[] | null>

export function containDrivers(contain: ContainDriver): Drivers {
  return {
    around: (call) => (mayRunDrivers(call.args) ? settingsFor(call, contain) : Promise.resolve(null)),
    check: requireFilters,
  }
}

/**
 * Programs of a person's settings that git runs on files of a working tree (filters, merge drivers) may lie in that tree, or be led by what lies there
 * (`sh tools/clean.sh`, `python -m clean`). So all of them are started contained, but for those that stand outside and are not (`outsideProgram`). As variables
 * for git, which stand above every file of settings; null where there is nothing to contain.
 */
async function settingsFor(call: DriverCall, contain: ContainDriver): Promise<Readonly<Record<string, string>> | null> {
  const listed = await call.config(['-z', '--get-regexp', String.raw`^(filter|merge|lfs)\.`])
  const entries = listed.stdout.split('\0').flatMap(readEntry)
  const named = new Map(entries.filter(({ key }) => isDriver(key)).map(({ key, value }) => [key, value]))
  if (named.size === 0) return null
  const isLed = entries.some(({ key }) => leadsLargeFiles.test(key))
  const settings: [key: string, value: string][] = []
  for (const [key, value] of named) {
    if (value === '') continue
    const outside = isLed && /git-lfs/.test(value) ? null : await outsideProgram(value, call)
    if (outside !== null) {
      settings.push([key, outside])
      continue
    }
    const argv = await contain(['/bin/sh', '-c', 'eval "$cox_driver"'], { top: call.top, writes: !isFilter(key) })
    if (argv === null) return null
    settings.push([key, containedLine(value, argv, placeholdersOf(key))])
  }
  return asVariables(settings)
}

interface Entry {
  readonly key: string
  readonly value: string
}

/** One without a value names no program. */
function readEntry(text: string): Entry[] {
  const end = text.indexOf('\n')
  return end === -1 ? [] : [{ key: text.slice(0, end), value: text.slice(end + 1) }]
}

function isFilter(key: string): boolean {
  return /^filter\..*\.(?:clean|smudge|process)$/s.test(key)
}

function isDriver(key: string): boolean {
  return isFilter(key) || /^merge\..*\.driver$/s.test(key)
}

/** What git itself puts in the place of. */
function placeholdersOf(key: string): RegExp | null {
  if (key.endsWith('.process')) return null
  return isFilter(key) ? /%%|%f/g : /%%|%[OABLPSXY]/g
}

/** With these Git LFS starts other programs. */
const leadsLargeFiles = /^lfs\.(?:extension|customtransfer|.*standalonetransferagent)/i

function asVariables(settings: readonly (readonly [key: string, value: string])[]): Record<string, string> {
  const pairs = settings.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key] as const,
    [`GIT_CONFIG_VALUE_${at}`, value] as const,
  ])
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(pairs) }
}

/** Commands that read no file of a working tree, merge none, and write no index: who writes it looks at files that are as young as it is. */
const without = new Set(
  `cat-file check-ignore clean commit-tree config count-objects diff-tree fetch for-each-ref init log merge-base mktree rev-list
  rev-parse show-ref symbolic-ref update-ref var version`.split(/\s+/),
)

function mayRunDrivers(args: readonly string[]): boolean {
  const name = nameOf(args)
  return name !== null && !without.has(name)
}

/**
 * Where git writes down what files hold, it takes a file as it is whose filter failed, unless that is required: a sandbox that was in the way must not
 * decide so. What is put into a working tree may lack a filter that lies in that very tree.
 */
function requireFilters(args: readonly string[], stderr: string): void {
  if (!['add', 'update-index'].includes(nameOf(args) ?? '') || !/^error: .*external filter/m.test(stderr)) return
  const words = stderr.trim().split('\n').slice(0, 3).join(' ').slice(0, 500)
  throw new CoxError('FILTER_FAILED', `A filter of your git settings failed in its sandbox: ${words}`, {
    hint: 'It runs without network, and sees of your home what `readable` in harness/harness.yaml names. Correct it there or in your git settings.',
  })
}

function nameOf(args: readonly string[]): string | null {
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? ''
    if (word === '-c') at += 1
    else if (!word.startsWith('-')) return word
  }
  return null
}
