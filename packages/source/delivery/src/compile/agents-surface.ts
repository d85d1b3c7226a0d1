import { globBase } from '@coxswain/constraints'
import { placeConstraints, type Folder } from './place-constraints.ts'
import { renderLines } from './render-lines.ts'
import { sourcesOf, type CompileInput, type Output, type Surface } from './surface.ts'

/** Nested AGENTS.md: the root is a map of at most `rootLines`, depth stands in the folder it is about. */
export function agentsSurface(input: CompileInput): Surface {
  const folders = placeConstraints(input.constraints, input.files)
  const rendered = folders.map((folder) => renderFolder(folder, input))
  return { outputs: rendered.map((one) => one.output), left: rendered.flatMap((one) => one.left), declared: [] }
}

/** The block's two markers count towards the root's lines. */
const markerLines = 2
const nestedLines = 200

export function rootHeading(): string {
  return '## Constraints\n\nEach line ends with its id; why, fix and examples: `harness/constraints/<id>.md`.'
}

function renderFolder(folder: Folder, input: CompileInput): { readonly output: Output; readonly left: Surface['left'] } {
  const isRoot = folder.path === ''
  const most = isRoot ? input.config.rootLines - markerLines - 2 : nestedLines
  const heading = isRoot ? rootHeading() : `## Constraints of ${folder.path}`
  const wide = folder.lines
    .flatMap((line) => line.scope)
    .filter((glob) => glob === `${folder.path}/**` && globBase(glob) === folder.path)
  const { text, left } = renderLines(folder.lines, { heading, most, impliedScope: wide })
  const tail = left.length === 0 ? '' : `\n${left.length} more: docs/constraints.md.\n`
  const kept = folder.lines.filter((line) => !left.includes(line))
  const path = isRoot ? 'AGENTS.md' : `${folder.path}/AGENTS.md`
  return { output: { target: 'agents', path, kind: 'block', text: `${text}${tail}`, sources: sourcesOf(kept) }, left }
}
