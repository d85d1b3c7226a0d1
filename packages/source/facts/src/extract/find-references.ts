import type { ImportFact, LoaderFact } from '../file-facts.ts'
import type { LineTable } from '../parse/line-table.ts'
import type { Candidates } from './find-candidates.ts'
import { readComputedName } from './read-computed-name.ts'

type Reference = Omit<ImportFact, 'line' | 'column'>

export interface References {
  readonly found: readonly Reference[]
  readonly loaders: readonly LoaderFact[]
}

export interface ReferenceScope {
  readonly text: string
  readonly lines: LineTable
  readonly candidates: Candidates
  /** Whether a call begins here, and not a comment or a text that reads like one. */
  readonly isCall: (at: number) => boolean
  /** Arguments of `import()` that are no plain name. */
  readonly computed: readonly { readonly start: number; readonly end: number }[]
}

/** Modules named outside import statements, and what loads modules by names that are made at run time. */
export function findReferences(scope: ReferenceScope): References {
  const { text, candidates } = scope
  const found: Reference[] = []
  const loaders: LoaderFact[] = []
  const add = (form: ImportFact['form'], name: Named): void => void found.push(toReference(form, name))
  const take = (form: ImportFact['form'], at: number, argument: string): void => {
    const start = at + (/^\s*/.exec(argument)?.[0].length ?? 0)
    const read = readComputedName(argument)
    if (read.kind === 'plain') add(form, { from: read.name, start, end: start + read.name.length + 2 })
    else if (read.kind === 'pattern') for (const from of read.names) add('mention', { from, start, end: start })
    else loaders.push({ line: scope.lines.lineAt(at), what: form === 'require' ? 'requires' : 'imports' })
  }
  for (const { start, end } of scope.computed) take('dynamic', start, text.slice(start, end))
  if (!candidates.hasReferences) return { found, loaders }
  const requires = namesOfRequire(text)
  for (const match of text.matchAll(shapes)) {
    const [whole, call = '', reference, declared] = match
    const at = match.index + whole.length
    if (reference !== undefined || declared !== undefined) {
      const from = reference ?? declared ?? ''
      if (from.startsWith('.') || reference !== undefined) add('mention', { from, start: at - from.length - 2, end: at })
      continue
    }
    const name = call.replace(/\s/g, '')
    const isRequire = requires.has(name.replace(/\.resolve$/, ''))
    if ((!isRequire && !loading.has(name) && !mocks.test(name)) || (name !== 'import' && !isCallAt(scope, match.index))) continue
    const argument = argumentAt(text, at)
    if (isRequire) take('require', at, argument)
    else if (name === 'import.meta.resolve' || name === 'import' || mocks.test(name))
      takePlain(argument, at, { add, take, isMock: name !== 'import.meta.resolve', isType: name === 'import' })
    else if (name === 'newURL') takeUrl(argument, at, add)
    else for (const from of filesIn(argument, name)) add('mention', { from, start: at, end: at })
    if (/^(?:module\.)?register$/.test(name) && !/^\s*['"`]/.test(argument) && text.includes('node:module'))
      loaders.push({ line: scope.lines.lineAt(at), what: 'registers' })
  }
  return { found, loaders }
}

interface Named {
  readonly from: string
  readonly start: number
  readonly end: number
  /** Where only a type or a comment may say it: calls are known to the parser. */
  readonly isType?: boolean
}

function toReference(form: ImportFact['form'], { from, start, end, isType = false }: Named): Reference {
  return { from, start, end, form, names: ['*'], isType }
}

function isCallAt({ text, isCall }: ReferenceScope, at: number): boolean {
  return (
    isCall(at) ||
    /\bimport\s+(?:type\s+)?[\w$]+\s*=\s*$/.test(text.slice(Math.max(0, at - 120), at)) ||
    text.startsWith('new', at)
  )
}

/** `require`, and what `createRequire` made. */
function namesOfRequire(text: string): ReadonlySet<string> {
  const names = new Set(['require', 'module.require'])
  if (text.includes('createRequire'))
    for (const [, name = ''] of text.matchAll(/\b([\w$]+)\s*(?::[^=;\n]{0,40})?=\s*(?:[\w$]+\.)?createRequire\s*\(/g))
      names.add(name)
  return names
}

const loading: ReadonlySet<string> = new Set(
  'import import.meta.resolve import.meta.glob import.meta.globEager require.context newURL newWorker newSharedWorker fork spawn spawnSync exec execSync execFile execFileSync readdir readdirSync glob globSync fg fg.sync fastGlob globby globbySync register module.register'.split(
    ' ',
  ),
)
const mocks = /^(?:vi|vitest|jest)\.(?:\w*[mM]ock\w*|(?:import|require)Actual)$/

const shapes =
  /\b((?:new\s+)?[\w$]+(?:\s*\.\s*[\w$]+){0,2})\s*(?:<[^<>()]{0,200}>)?\(|\/\/\/\s*<reference\s+path\s*=\s*["']([^"'\n]+)["']|\bdeclare\s+module\s+["']([^"'\n]+)["']/g

const longestArgument = 600

/** The text of a call's arguments, as far as it matters. */
function argumentAt(text: string, at: number): string {
  let depth = 0
  const limit = Math.min(text.length, at + longestArgument)
  for (let end = at; end < limit; end++) {
    const code = text.charCodeAt(end)
    if (code === 40) depth++
    else if (code === 41 && depth-- === 0) return text.slice(at, end)
  }
  return text.slice(at, limit)
}

interface Taking {
  readonly add: (form: ImportFact['form'], name: Named) => void
  readonly take: (form: ImportFact['form'], at: number, argument: string) => void
  readonly isMock: boolean
  readonly isType: boolean
}

/** A type's `import()`, a mock, a resolved address: the first argument, where it is a name. */
function takePlain(argument: string, at: number, { add, take, isMock, isType }: Taking): void {
  const [, space = '', quoted = ''] = /^(\s*)('[^'\n]+'|"[^"\n]+"|`[^`$\n]+`)/.exec(argument) ?? []
  if (quoted !== '')
    add('dynamic', { from: quoted.slice(1, -1), start: at + space.length, end: at + space.length + quoted.length, isType })
  else if (!isMock) take('dynamic', at, argument.split(',')[0] ?? '')
}

function takeUrl(argument: string, at: number, add: Taking['add']): void {
  const [, space = '', quoted = ''] = /^(\s*)('[^'\n]+'|"[^"\n]+"|`[^`$\n]+`)\s*,\s*import\.meta\.url/.exec(argument) ?? []
  const written = quoted.slice(1, -1)
  if (written === '' || /^[a-z]+:/i.test(written)) {
    const folder = /^\s*`(\.{0,2}\/?[\w@./-]*\/)\$\{/.exec(argument)?.[1]
    if (folder !== undefined && argument.includes('import.meta.url')) add('mention', { from: `${folder}**`, start: at, end: at })
    return
  }
  const start = at + space.length
  const from = written.startsWith('.') ? written : `./${written}`
  // A folder, or a file that is read: no module.
  add(/\.[cm]?[jt]sx?$/.test(from) ? 'dynamic' : 'mention', { from, start, end: start + quoted.length })
}

/** Files, patterns and folders that the arguments of a call name: parts of a path may be arguments of their own. */
function filesIn(argument: string, name: string): string[] {
  const literals = [...argument.matchAll(/'([^'\n]*)'|"([^"\n]*)"|`([^`]*)`/g)].map(
    (match) => match[1] ?? match[2] ?? match[3] ?? '',
  )
  const plain = literals.map((text) => text.replace(/\$\{[^}]*\}/g, '*').replace(/^\*?\//, './'))
  const joined = /\b(?:join|resolve)\s*\(/.test(argument) ? [plain.filter((text) => text !== '').join('/')] : []
  const files = [...plain, ...joined].filter((text) => isFile.test(text))
  if (!listing.test(name)) return files.flatMap((text) => [text])
  const folders = [...plain, ...joined].filter((text) => isFolder.test(text) && !isFile.test(text))
  return [...files, ...folders.map((text) => `${text.replace(/\/$/, '')}/**`)]
}

const isFile = /^[\w@$.*+{},!()[\]/-]+\.(?:[cm]?[jt]sx?|\{[\w,]+\}|\*)$/
const isFolder = /^(?:\.{1,2}\/)*[\w@-][\w@./-]*\/?$/
const listing =
  /^(?:readdir|readdirSync|require\.context|import\.meta\.glob(?:Eager)?|glob|globSync|fg|fg\.sync|fastGlob|globby|globbySync)$/
