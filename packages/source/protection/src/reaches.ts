import { posix } from 'node:path'
import { changedEntries, readBlobs, sizesOf, type ChangedEntry, type Git } from '@coxswain/host'

/** What of a change acts beyond its own file, in sentences. `limit`: the size of a file in bytes above which it counts. */
export async function reachesOfChange(
  { git, base, head }: { readonly git: Git; readonly base: string; readonly head: string },
  limit: number | null,
  counts: (path: string) => boolean,
): Promise<string[]> {
  const entries = (await changedEntries(git, base, head)).filter(({ path }) => counts(path))
  const files = entries.filter(({ mode }) => mode.startsWith('100'))
  const sizes = await sizesOf(git, ids(files))
  const contents = await readBlobs(git, wantedOf(entries, sizes))
  return entries.flatMap((entry) => sentenceOf(entry, { sizes, contents, limit }) ?? [])
}

interface Seen {
  readonly sizes: ReadonlyMap<string, number>
  readonly contents: ReadonlyMap<string, Uint8Array>
  readonly limit: number | null
}

const [linkMode, submoduleMode] = ['120000', '160000']
/** A program may be larger: its first bytes are what is looked at, but git gives whole files. */
const mostRead = 50_000_000

function wantedOf(entries: readonly ChangedEntry[], sizes: ReadonlyMap<string, number>): string[] {
  const links = entries.filter(({ mode }) => mode === linkMode)
  const small = entries.filter(({ id }) => (sizes.get(id) ?? Number.POSITIVE_INFINITY) <= mostRead)
  const before = entries.filter(({ path, idBefore }) => isAttributes(path) && idBefore !== null)
  return [...ids(links), ...ids(small), ...before.map(({ idBefore }) => idBefore ?? '')]
}

function ids(entries: readonly ChangedEntry[]): string[] {
  return entries.map(({ id }) => id)
}

function sentenceOf(entry: ChangedEntry, seen: Seen): string | null {
  const { mode, path, id } = entry
  if (mode === submoduleMode) return `${path} is a submodule at another commit`
  // Case counts for nothing, because it does not for every file system.
  if (posix.basename(path).toLowerCase() === '.gitmodules') return `${path} says where submodules come from`
  if (mode === '000000') return null
  const content = seen.contents.get(id)
  if (mode === linkMode) return linkSentence(path, textOf(content))
  if (isAttributes(path)) return attributesSentence(path, textOf(content), textOf(seen.contents.get(entry.idBefore ?? '')))
  const size = seen.sizes.get(id)
  if (size === undefined) return `${path} cannot be read`
  if (seen.limit !== null && size > seen.limit) return `${path} has ${megabytes(size)}`
  if (content === undefined) return `${path} has ${megabytes(size)} and was not read`
  return isProgram(mode, content) ? `${path} is a binary program` : null
}

function megabytes(size: number): string {
  return `${(size / 1_000_000).toFixed(1)} MB`
}

function textOf(content: Uint8Array | undefined): string {
  return content === undefined ? '' : Buffer.from(content).toString('utf8')
}

function linkSentence(path: string, target: string): string | null {
  const leads = posix.normalize(posix.join(posix.dirname(path), target))
  const isOut =
    target.startsWith('/') || target.includes('\0') || /^[a-z]:|\\/i.test(target) || leads === '..' || leads.startsWith('../')
  if (isOut) return `${path} is a link out of the repository, to ${target.slice(0, 200)}`
  return /(?:^|\/)\.git(?:\/|$)/i.test(leads) ? `${path} is a link to ${target.slice(0, 200)}, which is git's own` : null
}

function isAttributes(path: string): boolean {
  return posix.basename(path).toLowerCase() === '.gitattributes'
}

/** Attributes that make git run a program of its settings. */
const driver = /(?:^|\s)(?:filter|diff|merge)=(\S+)/g
const builtIn = new Set(['union', 'binary', 'text', 'ours'])

function attributesSentence(path: string, now: string, was: string): string | null {
  const known = new Set(driversOf(was))
  const fresh = driversOf(now).filter((line) => !known.has(line))
  return fresh.length === 0 ? null : `${path} has git run programs of its settings: ${fresh.slice(0, 3).join('; ')}`
}

function driversOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => !line.startsWith('#') && [...line.matchAll(driver)].some(([, name = '']) => !builtIn.has(name)))
}

/** ELF, Windows, Mach-O of both byte orders and fat ones, WebAssembly. */
const magics = ['7f454c46', '4d5a', 'feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe', '0061736d']

function isProgram(mode: string, content: Uint8Array): boolean {
  const start = Buffer.from(content.subarray(0, 8_000))
  const isBinary = start.includes(0)
  return isBinary && (mode === '100755' || magics.some((magic) => start.toString('hex', 0, 4).startsWith(magic)))
}
