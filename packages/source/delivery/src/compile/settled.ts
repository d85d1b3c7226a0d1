import { hash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { listTree } from '@coxswain/constraints/tree'
import { programStamp, readEnvironment, systemClock, type ProgramParts } from '@coxswain/host/quick'
import { isBlockHost } from './block-host.ts'

/*
 * A compile that changes nothing reads and plans everything to say so. What it looked at is remembered by the identities of its files;
 * while they are the same, so is its answer. This door loads neither parser nor planner: most of a warm command is loading.
 */

export interface Question {
  readonly root: string
  readonly mode: 'write' | 'check'
  readonly agents: readonly string[]
}

/** What a compile said that changed nothing. */
export interface SettledAnswer {
  /** For `write` and for `check`. */
  readonly texts: Readonly<Record<Question['mode'], string>>
  /** Generated paths: looked at although the tree may not list them. */
  readonly paths: readonly string[]
}

/** The answer of the last compile, when nothing that it looked at has changed since. */
export async function settledText(question: Question): Promise<string | null> {
  const known = readKnown(cacheFile(question))
  if (known === null) return null
  const state = look(question, await listTree(question.root), known.paths)
  return state.key === known.key ? known.texts[question.mode] : null
}

/** Remembers an answer, unless a file is so young that another change could still bear the same time. */
export async function rememberSettled(question: Question, answer: SettledAnswer): Promise<void> {
  const { key, newestMs } = look(question, await listTree(question.root), answer.paths)
  if (systemClock.now() - newestMs < settledMs) return
  const file = cacheFile(question)
  const { atomicWrite } = await import('@coxswain/host')
  try {
    mkdirSync(dirname(file), { recursive: true })
    await atomicWrite(file, JSON.stringify({ key, ...answer }))
  } catch {
    return // without a cache the next compile takes longer, and says the same
  }
}

const settledMs = 2_000

function look(question: Question, files: readonly string[], paths: readonly string[]): { key: string; newestMs: number } {
  const looked = new Set(['package.json', ...filesIn(question.root, 'harness'), ...files.filter(isBlockHost), ...paths])
  let newestMs = 0
  const identities = [...looked].map((path) => {
    // Joined by hand: thousands of paths that are normal already.
    const whole = `${question.root}/${path}`
    const stat = lstatSync(whole, { throwIfNoEntry: false })
    if (stat === undefined) return ''
    // A link is what it points at, too.
    const target = stat.isSymbolicLink() ? statSync(whole, { throwIfNoEntry: false }) : undefined
    newestMs = Math.max(newestMs, stat.mtimeMs, target?.mtimeMs ?? 0)
    return target === undefined ? identityOf(stat) : `${identityOf(stat)},${identityOf(target)}`
  })
  const day = new Date(systemClock.now()).toISOString().slice(0, 10)
  const facts = [
    programStamp(program),
    day,
    question.agents.join(),
    files.join('\n'),
    [...looked].join('\n'),
    identities.join('\n'),
  ]
  return { key: hash('sha256', facts.join('\0')), newestMs }
}

function identityOf({ ino, size, mtimeMs, ctimeMs, mode }: Stats): string {
  return `${ino}:${size}:${mtimeMs}:${ctimeMs}:${mode}`
}

/** Read as the loaders read it: what git ignores counts too. `recursive` of Node asks for the state of each file, so it is not used. */
function filesIn(root: string, folder: string): string[] {
  try {
    return readdirSync(`${root}/${folder}`, { withFileTypes: true })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => (entry.isDirectory() ? filesIn(root, `${folder}/${entry.name}`) : [`${folder}/${entry.name}`]))
  } catch {
    return [] // no harness, no constraints
  }
}

function cacheFile({ root, agents }: Question): string {
  const environment = readEnvironment()
  const base = environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? root, '.cache')
  return join(base, 'coxswain', 'compile', `${hash('sha256', `${root}\0${agents.join()}`).slice(0, 16)}.json`)
}

function readKnown(file: string): (SettledAnswer & { readonly key: string }) | null {
  try {
    // cox-allow parse-at-boundary owner=delivery until=2027-06-30 reason=written by this program; loading a schema would cost more than the answer
    return JSON.parse(readFileSync(file, 'utf8')) as SettledAnswer & { readonly key: string }
  } catch {
    return null // nothing is remembered, or it cannot be read
  }
}

const program: ProgramParts = {
  own: import.meta.dirname,
  rooms: ['@coxswain/constraints', '@coxswain/delivery'],
  resolve: (room) => import.meta.resolve(room),
}
