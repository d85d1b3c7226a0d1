import type { ImportFact } from '../file-facts.ts'
import type { LineTable } from '../parse/line-table.ts'

/**
 * Source files that a configuration, a page or a build script names by path: a tool starts them, and no import ever will.
 * Patterns count too, but `**` only where builds are configured: elsewhere it says what is linted or tested.
 */
export function findMentions(path: string, text: string, lines: LineTable): ImportFact[] {
  if (text.length > largestText) return []
  const isBuild = configKind(path) === 'build'
  return [...text.matchAll(shape)].flatMap((match) => {
    const written = match[1] ?? match[2] ?? ''
    const from = written.replace(/\$\{[^}]*\}/g, '*')
    if (from.includes('**') && !isBuild) return []
    const start = match.index + match[0].lastIndexOf(written)
    return [
      {
        from,
        line: lines.lineAt(start),
        column: lines.columnAt(start),
        // As those of an import, with what stands around it.
        start: start - 1,
        end: start + written.length + 1,
        form: 'mention',
        names: ['*'],
        isType: false,
      },
    ]
  })
}

/** What a source file tells tools about other files, of its name alone: part of the key of its facts. */
export function configKind(path: string): 'build' | 'config' | null {
  if (!/\.[cm]?[jt]s$/.test(path)) return null
  if (buildScript.test(path)) return 'build'
  return /\.config\.\w+$|(?:^|\/)scripts?\/[^/]+$/.test(path) ? 'config' : null
}

const largestText = 100_000
const buildScript =
  /(?:^|\/)(?:tsup|tsdown|vite|rollup|rolldown|unbuild|webpack|rspack|rslib)[\w.-]*\.config\.\w+$|(?:^|\/)(?:build|bundle|esbuild|rollup|gulpfile)[\w-]*\.\w+$/i
/** With an extension wherever it stands; without one only where quotes and a dot say that it is a path. */
const shape =
  /(?<![\w@$./*+-])((?:\.{0,2}\/)?(?:(?:[\w@.*+-]|\$\{\w+\})+\/)*(?:[\w@.*+-]|\$\{\w+\})+\.[cm]?[jt]sx?)(?![\w@$./*+-])|['"`](\.{1,2}\/[\w@$./+-]+)['"`]/g
