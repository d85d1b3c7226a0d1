import { emptyFacts, type FileFacts } from '../file-facts.ts'
import { createLineTable } from '../parse/line-table.ts'
import { findDeepNesting } from '../parse/find-deep-nesting.ts'
import type { ParseRequest } from '../parse/oxc-adapter.ts'
import { findPersonalData } from '../secrets/find-personal-data.ts'
import { findSecrets } from '../secrets/find-secrets.ts'
import { extractAliases } from './extract-aliases.ts'
import { extractDocument } from './extract-document.ts'
import { extractManifest } from './extract-manifest.ts'
import { extractSource } from './extract-source.ts'
import { extractWorkspaces } from './extract-workspaces.ts'
import { readEmbeddedScripts } from './read-embedded-scripts.ts'
import { findMentions } from './find-mentions.ts'
import { readExemptions } from './read-exemptions.ts'

/** `code`: without the search for credentials and personal data; `none`: as if nothing were in it. */
export type Scan = 'full' | 'code' | 'none'

interface ExtractOptions {
  readonly mode?: ParseRequest['mode']
  readonly scan?: Scan
}

/** Raised whenever facts of unchanged content would come out differently: it is part of every cache key. */
export const extractorVersion = '16'

/** Facts of one file from its content alone: the same bytes under the same kind of name always give the same facts. */
export function extractFacts(path: string, content: Buffer, options: ExtractOptions = {}): FileFacts {
  try {
    return readFacts(path, content, options)
  } catch (error) {
    // The only range that code here can leave is the stack.
    if (!(error instanceof RangeError)) throw error
    return problemOf(path, content, 'is nested too deeply to be read')
  }
}

function problemOf(path: string, content: Buffer, message: string): FileFacts {
  const base = { ...emptyFacts(content.length), problem: { line: 1, message } }
  const kind = kindOf(path)
  return kind === 'source' || kind === 'document' || kind === 'manifest' ? { ...base, kind } : base
}

function readFacts(path: string, content: Buffer, { mode, scan = 'full' }: ExtractOptions): FileFacts {
  if (scan === 'none') return emptyFacts(content.length)
  const kind = kindOf(path)
  if (kind === 'binary' || content.length > largestFile || isBinary(content)) return oddFile(kind, content)
  const decoded = decode(content)
  const bytes = content.length
  if (decoded.problem !== undefined && kind === 'source')
    return { ...emptyFacts(bytes), kind: 'source', lines: createLineTable(decoded.text).count, problem: decoded.problem }
  const nesting = kind === 'source' ? findDeepNesting(decoded.text) : null
  if (nesting !== null) return problemOf(path, content, nesting)
  if (kind === 'source') return extractSource(path, decoded.text, { bytes, scan, ...(mode && { mode }) })
  if (kind === 'document') return extractDocument(decoded.text, bytes, scan)
  if (kind === 'manifest') return extractManifest(decoded.text, bytes)
  return extractOther(path, { kind, text: decoded.text, bytes, scan })
}

type FileKind =
  | 'source'
  | 'document'
  | 'manifest'
  | 'tsconfig'
  | 'workspace'
  | 'component'
  | 'lockfile'
  | 'settings'
  | 'binary'
  | 'text'

/** The part of a path that decides how its content is read; part of the cache key. */
export function kindOf(path: string): FileKind {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (/\.[cm]?[jt]sx?$/.test(name)) return /\.min\.[cm]?js$/.test(name) ? 'lockfile' : 'source'
  if (/\.mdx?$/.test(name)) return 'document'
  if (name === 'package.json') return 'manifest'
  if (isPathConfig(name)) return 'tsconfig'
  if (name === 'pnpm-workspace.yaml') return 'workspace'
  if (/\.(?:vue|svelte|astro)$/.test(name)) return 'component'
  if (
    /\.(?:html?|toml|ya?ml|jsonc?|json5|sh)$/.test(name) &&
    !/(?:^|[-.])lock\.\w+$|^package-lock\.json$|^npm-shrinkwrap\.json$/.test(name)
  )
    return 'settings'
  if (/(?:^|[-.])lock(?:\.json|\.yaml|b|file)?$|^package-lock\.json$|^npm-shrinkwrap\.json$|\.snap$|\.map$|\.svg$/.test(name))
    return 'lockfile'
  return /\.(?:png|jpe?g|gif|ico|webp|avif|woff2?|ttf|otf|eot|pdf|zip|t?gz|br|wasm|node|mp[34]|mov|webm|so|dylib|dll|exe|jar|parquet|sqlite|db)$/i.test(
    name,
  )
    ? 'binary'
    : 'text'
}

/** A tsconfig whose names for folders count; others are variants of it. */
export function isPathConfig(path: string): boolean {
  return /(?:^|\/)tsconfig(?:\.base|\.app|\.lib)?\.json$/.test(path)
}

const largestFile = 4 * 1024 * 1024

function isBinary(content: Buffer): boolean {
  const head = content.subarray(0, 8_192)
  const first = head.indexOf(0)
  // One or two stand in a string literal; a binary has them everywhere.
  return first !== -1 && head.filter((byte) => byte === 0).length > head.length / 40
}

function oddFile(kind: FileKind, content: Buffer): FileFacts {
  const facts = emptyFacts(content.length)
  if (kind !== 'source') return facts
  const message =
    content.length > largestFile ? `${content.length} bytes, too large to be read as source` : 'has NUL bytes: it is not text'
  return { ...facts, kind: 'source', problem: { line: 1, message } }
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(content: Buffer): {
  readonly text: string
  readonly problem?: { readonly line: number; readonly message: string }
} {
  const text = content.toString('utf8')
  if (!text.includes('\uFFFD')) return { text }
  try {
    strict.decode(content)
    return { text }
  } catch {
    // The decoder does not say where: the first replacement character does.
    const line = createLineTable(text).lineAt(text.indexOf('\uFFFD'))
    return { text, problem: { line, message: 'is not UTF-8' } }
  }
}

interface OtherFile {
  readonly kind: FileKind
  readonly text: string
  readonly bytes: number
  readonly scan: Scan
}

function extractOther(path: string, { kind, text, bytes, scan }: OtherFile): FileFacts {
  const lines = createLineTable(text)
  const base = { ...emptyFacts(bytes), lines: lines.count }
  if (kind === 'lockfile') return base
  const sites = scan === 'full' ? [...findSecrets(text, lines), ...findPersonalData(text, lines)] : []
  const aliases = kind === 'tsconfig' ? extractAliases(text) : null
  const workspaces = kind === 'workspace' ? extractWorkspaces(text) : null
  return {
    ...base,
    ...(aliases && { aliases }),
    ...(workspaces && { workspaces }),
    imports: kind === 'component' ? readEmbeddedScripts(text, lines) : kind === 'settings' ? findMentions(path, text, lines) : [],
    sites,
    exemptions: readExemptions(text, lines),
  }
}
