import { hash } from 'node:crypto'
import type { Target } from './compile-config.ts'
import { agentsSurface, rootHeading } from './agents-surface.ts'
import { commaFreeGlobs } from './comma-free-globs.ts'
import { placeConstraints, scopedLines, type Line } from './place-constraints.ts'
import type { Lean } from './read-by.ts'
import { renderLine, renderLines } from './render-lines.ts'
import { sourcesOf, type CompileInput, type Degradation, type Output, type Surface } from './surface.ts'

/** CLAUDE.md and `.claude/rules` with `paths`. */
export function claudeSurface(input: CompileInput): Surface {
  const { outputs: rules } = scopedFiles(input, 'claude', (group) => ({
    path: `.claude/rules/cox-${group.name}.md`,
    front: `---\npaths:\n${group.scope.map((glob) => `  - ${JSON.stringify(glob)}\n`).join('')}---\n`,
  }))
  const { output, left, leans } = claudeRoot(input)
  return { outputs: [...(output === null ? [] : [output]), ...rules], left, leans, declared: [] }
}

/** `.cursor/rules/*.mdc`; Cursor reads the root AGENTS.md itself. */
export function cursorSurface(input: CompileInput): Surface {
  const { outputs, declared } = scopedFiles(input, 'cursor', (group) => {
    const globs = commaFreeGlobs(group.scope)
    if (globs === null) return null
    return {
      path: `.cursor/rules/cox-${group.name}.mdc`,
      front: `---\ndescription: Constraints for ${group.scope.join(', ')}\nglobs: ${globs.join(',')}\nalwaysApply: false\n---\n`,
    }
  })
  const root = input.config.targets.includes('agents') ? null : rootBody(input)
  if (root === null) return { outputs, left: [], declared }
  const text = `---\ndescription: Constraints\nalwaysApply: true\n---\n${root.text}`
  const rootFile: Output = { target: 'cursor', path: '.cursor/rules/cox-root.mdc', kind: 'file', text, sources: root.sources }
  return { outputs: [rootFile, ...outputs], left: root.left, declared }
}

/** `.github/copilot-instructions.md` and `.github/instructions` with `applyTo`. */
export function copilotSurface(input: CompileInput): Surface {
  const { outputs, declared } = scopedFiles(input, 'copilot', (group) => {
    const globs = commaFreeGlobs(group.scope)
    if (globs === null) return null
    return {
      path: `.github/instructions/cox-${group.name}.instructions.md`,
      front: `---\napplyTo: ${JSON.stringify(globs.join(','))}\n---\n`,
    }
  })
  const root = rootBody(input)
  if (root === null) return { outputs, left: [], declared }
  const block: Output = {
    target: 'copilot',
    path: '.github/copilot-instructions.md',
    kind: 'block',
    text: root.text,
    sources: root.sources,
  }
  return { outputs: [block, ...outputs], left: root.left, declared }
}

/** GEMINI.md beside each AGENTS.md, importing it; the text itself when AGENTS.md is no target. */
export function geminiSurface(input: CompileInput): Surface {
  const isImport = input.config.targets.includes('agents')
  const folders = placeConstraints(input.constraints, input.files)
  const outputs = folders.map((folder): Output => {
    const prefix = folder.path === '' ? '' : `${folder.path}/`
    const heading = folder.path === '' ? rootHeading() : `## Constraints of ${folder.path}`
    const text = isImport ? '@./AGENTS.md\n' : renderLines(folder.lines, { heading, most: Number.POSITIVE_INFINITY }).text
    return { target: 'gemini', path: `${prefix}GEMINI.md`, kind: 'block', text, sources: sourcesOf(folder.lines) }
  })
  return { outputs, left: [], declared: [] }
}

interface Group {
  readonly name: string
  readonly scope: readonly string[]
  readonly lines: readonly Line[]
}

/** `head` says null for a scope that the program's front matter cannot say: wrong globs would bring the words to other files. */
function scopedFiles(
  input: CompileInput,
  target: Target,
  head: (group: Group) => { readonly path: string; readonly front: string } | null,
): { readonly outputs: readonly Output[]; readonly declared: readonly Degradation[] } {
  const outputs: Output[] = []
  const declared: Degradation[] = []
  for (const group of groupsOf(scopedLines(input.constraints))) {
    const file = head(group)
    const sources = sourcesOf(group.lines)
    if (file === null) {
      const reason = `its globs are too many, or hold a comma outside of braces, and a list in one line cannot say them: ${target} does not get its words`
      declared.push({ target, ids: sources, reason })
      continue
    }
    const text = `${file.front}${group.lines.map((line) => `${renderLine(line)}\n`).join('')}`
    outputs.push({ target, path: file.path, kind: 'file', text, sources })
  }
  return { outputs, declared }
}

/** One file per scope, named by its globs: the same scope keeps its name when constraints come and go. */
function groupsOf(lines: readonly Line[]): Group[] {
  const groups = Map.groupBy(lines, (line) => line.scope.join('\n'))
  return [...groups.values()].map((members) => {
    const scope = members[0]?.scope ?? []
    const words = scope
      .join(' ')
      .replaceAll(/[^A-Za-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 40)
      .replace(/-$/, '')
      .toLowerCase()
    const name = `${words === '' ? 'all' : words}-${hash('sha256', scope.join('\n')).slice(0, 4)}`
    return { name, scope, lines: members }
  })
}

/**
 * Claude Code reads AGENTS.md only where no CLAUDE.md stands, and follows an `@` import only below its working directory. So our
 * CLAUDE.md carries the lines themselves, unless AGENTS.md holds words of people that would be hidden by it.
 */
function claudeRoot(input: CompileInput): ClaudeRoot {
  if (isOneFile(input)) return sharedRoot(input)
  const own = input.handWritten.get('CLAUDE.md')
  const hasAgents = input.configured.includes('agents')
  const leans = hasAgents ? [{ from: 'CLAUDE.md', to: 'AGENTS.md' }] : []
  if (own !== undefined && hasAgents && /^@(?:\.\/)?AGENTS\.md\s*$/m.test(own)) return { output: null, left: [], leans }
  const root = rootBody(input)
  if (own === undefined && input.handWritten.has('AGENTS.md')) {
    const text = hasAgents || root === null ? '@AGENTS.md\n' : `@AGENTS.md\n\n${root.text}`
    return { output: { target: 'claude', path: 'CLAUDE.md', kind: 'block', text, sources: root?.sources ?? [] }, left: [], leans }
  }
  if (root === null) return { output: null, left: [], leans: [] }
  return {
    output: { target: 'claude', path: 'CLAUDE.md', kind: 'block', text: root.text, sources: root.sources },
    left: root.left,
    leans: [],
  }
}

function isOneFile({ links }: CompileInput): boolean {
  return links.get('CLAUDE.md') === 'AGENTS.md' || links.get('AGENTS.md') === 'CLAUDE.md'
}

/** One file for all of them says the same whoever is asked for, and must not import itself. */
function sharedRoot(input: CompileInput): ClaudeRoot {
  const { outputs, left } = agentsSurface(input)
  const root = outputs.find((output) => output.path === 'AGENTS.md')
  return { output: root === undefined ? null : { ...root, target: 'claude', path: 'CLAUDE.md' }, left, leans: [] }
}

interface ClaudeRoot {
  readonly output: Output | null
  readonly left: readonly Line[]
  readonly leans: readonly Lean[]
}

function rootBody(
  input: CompileInput,
): { readonly text: string; readonly sources: readonly string[]; readonly left: readonly Line[] } | null {
  const root = placeConstraints(input.constraints, input.files).find((folder) => folder.path === '')
  const lines = root?.lines.filter((line) => line.scope.length === 0) ?? []
  if (lines.length === 0) return null
  const { text, left } = renderLines(lines, { heading: rootHeading(), most: input.config.rootLines - 4 })
  return { text, sources: sourcesOf(lines.filter((line) => !left.includes(line))), left }
}
