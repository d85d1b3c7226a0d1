import type { Statement } from '../read/read-statements.ts'

export interface Repetition {
  readonly text: string
  readonly places: readonly { readonly file: string; readonly line: number }[]
  /** Of these, how many one start of an agent may bring. */
  readonly atOnce: number
}

const fewestWords = 5

/** Which files each kind of agent program may load; sources of other tools are read by none, and their copies cost no second time. */
const readers: readonly ((path: string) => boolean)[] = [
  (path) => /(?:^|\/)AGENTS(?:\.override)?\.md$/.test(path),
  (path) => /(?:^|\/)CLAUDE(?:\.local)?\.md$|(?:^|\/)\.claude\/rules\//.test(path),
  (path) => /(?:^|\/)GEMINI\.md$/.test(path),
  (path) => /(?:^|\/)AGENTS\.md$|^\.github\//.test(path),
  (path) => /(?:^|\/)AGENTS\.md$|(?:^|\/)\.cursor/.test(path),
]

/** Sentences that one agent program meets in more than one place, however they are capitalised or punctuated. */
export function repeatedStatements(statements: readonly Statement[]): Repetition[] {
  const groups = Map.groupBy(statements, (statement) => normalise(statement.text))
  return [...groups].flatMap(([key, members]) => {
    const [first] = members
    if (first === undefined || members.length < 2 || key.split(' ').length < fewestWords) return []
    const loaded = members.filter(({ file }) => !/^\.(?:ruler|rulesync)\//.test(file))
    const met = readers.map((reads) => loaded.filter((member) => reads(member.file)))
    const most = met.toSorted((a, b) => b.length - a.length)[0] ?? []
    if (most.length < 2) return []
    return [{ text: first.text, places: most.map(({ file, line }) => ({ file, line })), atOnce: mostAtOnce(most) }]
  })
}

/** How many of the places a single start can bring: those on one way down from the root. */
function mostAtOnce(places: readonly Statement[]): number {
  return Math.max(...places.map((place) => places.filter((other) => isAbove(folderOf(other.file), folderOf(place.file))).length))
}

function isAbove(folder: string, other: string): boolean {
  return folder === '' || folder === other || other.startsWith(`${folder}/`)
}

/** The folder that a file is about: `.claude/rules` and its like are about what holds them. */
function folderOf(path: string): string {
  const parts = path.split('/').slice(0, -1)
  const hidden = parts.findIndex((part) => part.startsWith('.'))
  return parts.slice(0, hidden === -1 ? parts.length : hidden).join('/')
}

function normalise(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
