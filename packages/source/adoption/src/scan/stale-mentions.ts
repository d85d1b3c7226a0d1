import { dirname, posix } from 'node:path'
import { nearestWord } from '@coxswain/constraints'
import type { Instructions, Mention } from '../read/read-statements.ts'
import type { Scripts } from './read-scripts.ts'

export interface StaleMention {
  readonly kind: 'link' | 'path' | 'script'
  readonly file: string
  readonly line: number
  /** As written. */
  readonly text: string
  readonly message: string
}

export interface Tree {
  readonly files: ReadonlySet<string>
  readonly folders: ReadonlySet<string>
}

/** Links, paths and scripts that instructions name and the repository does not have. What could be an example is left out. */
export function staleMentions(instructions: Instructions, tree: Tree, scripts: Scripts): StaleMention[] {
  return [
    ...instructions.links.flatMap((link) => staleLink(link, tree)),
    ...instructions.codes.flatMap((code) => stalePath(code, tree)),
    ...instructions.codes.concat(instructions.commands).flatMap((command) => staleScript(command, scripts)),
  ]
}

function staleLink(link: Mention, tree: Tree): StaleMention[] {
  const target = decode(link.text.replace(/[#?].*$/, ''))
  if (target === '' || /^(?:[a-z][a-z0-9+.-]*:|\/\/|<|\{|mailto)/i.test(target)) return []
  const candidates = [posix.normalize(posix.join(dirname(link.file), target)), posix.normalize(target.replace(/^\//, ''))]
  if (candidates.some((path) => exists(tree, path))) return []
  return [
    { kind: 'link', file: link.file, line: link.line, text: link.text, message: `links to ${target}, which does not exist` },
  ]
}

/** Only what can be nothing but a path of this repository: a known first folder and a file ending. */
function stalePath(code: Mention, tree: Tree): StaleMention[] {
  const path = code.text.replace(/^\.\//, '').replace(/:\d+(?::\d+)?$/, '')
  if (
    !/^[\w@.-]+(?:\/[\w@.[\]-]+)+\.[A-Za-z]{1,5}$/.test(path) ||
    /(?:^|\/)(?:node_modules|dist|build|coverage|out|\.next|target|tmp)\//.test(path)
  )
    return []
  if (code.isExample === true || /\bfoo|\bbar\b|example|your-|my-|xxx|path\/to|\/[a-z]\.[a-z.]+$/i.test(path)) return []
  const [top = ''] = path.split('/')
  const candidates = [path, posix.normalize(posix.join(dirname(code.file), path))]
  const knownTop = tree.folders.has(top) || tree.folders.has(posix.join(dirname(code.file), top))
  if (!knownTop || candidates.some((one) => exists(tree, one)) || [...tree.files].some((file) => file.endsWith(`/${path}`)))
    return []
  const other = [...tree.files].find((file) => file.toLowerCase() === path.toLowerCase())
  const message = other === undefined ? `names ${path}, which does not exist` : `names ${path}, but the file is ${other}`
  return [{ kind: 'path', file: code.file, line: code.line, text: code.text, message }]
}

/** Commands of package managers that are not scripts. */
const ownCommands = new Set(
  'add install i ci remove rm uninstall update up exec dlx x create init link unlink publish pack audit outdated why list ls config cache store rebuild prune dedupe import patch patch-commit root bin deploy fetch licenses env setup self-update approve-builds version view info login logout whoami help workspaces workspace global node run-script test t start stop restart tsx vitest tsc eslint prettier turbo nx changeset playwright c8 tsup biome oxlint vite wrangler set get pkg dist-tag cat-file doctor server'.split(
    ' ',
  ),
)

function staleScript(command: Mention, scripts: Scripts): StaleMention[] {
  if (scripts.names.size === 0) return []
  const match = /(?:^|&&\s*|;\s*)(npm|pnpm|yarn|bun)\s+((?:-{1,2}[\w-]+(?:[= ][^\s-][^\s]*)?\s+)*)(run\s+)?([\w:@./-]+)/.exec(
    command.text,
  )
  if (match === null) return []
  const [, program = '', flags = '', run = '', name = ''] = match
  const isScript = run !== '' || program === 'pnpm' || program === 'yarn'
  // Dots stand for a name that the reader puts there.
  if (/^\.+$/.test(name)) return []
  if (!isScript || name === 'run' || name.startsWith('-') || name.includes('/') || (run === '' && ownCommands.has(name)))
    return []
  if (
    /-C\b|--dir|--prefix|--filter|-F\b|-w\b|--workspace/.test(flags)
      ? scripts.everywhere.has(name)
      : scripts.names.has(name) || scripts.everywhere.has(name)
  )
    return []
  if (run === '' && scripts.programs.has(name)) return []
  const near = nearestWord(name, [...scripts.names])
  return [
    {
      kind: 'script',
      file: command.file,
      line: command.line,
      text: command.text,
      message: `runs the script ${name}, which no package.json has${near === null ? '' : `; did it mean ${near}?`}`,
    },
  ]
}

function exists(tree: Tree, path: string): boolean {
  const plain = path.replace(/\/$/, '')
  return tree.files.has(plain) || tree.folders.has(plain) || plain === '.'
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
