import type { Edge } from '@coxswain/graph'
import type { Architecture } from '../architecture/architecture.ts'
import type { Place } from '../architecture/classify.ts'
import { defineRule, type RawFinding, type RuleContext } from '../rule.ts'
import { nameOf, isDeclaredEdge } from './package-names.ts'

export const layerDirection = defineRule({
  id: 'layer-direction',
  why: 'An edge against the layers makes two layers one: neither can be understood, tested or replaced alone.',
  severity: 'error',
  scope: 'file',
  options: (z) => z.strictObject({ types: z.boolean().default(true) }),
  check: (path, context) => {
    if (context.architecture.layers.length === 0) return []
    const edges = context.workspace.edgesOf(path)
    if (edges.length === 0) return []
    const here = context.architecture.placeOf(path)
    return edges.flatMap((edge) => {
      if (edge.fact.isType && !context.options.types) return []
      return judge({ path, here }, edge, context) ?? []
    })
  },
})

interface Importer {
  readonly path: string
  readonly here: Place
}

function judge({ path, here }: Importer, edge: Edge, context: RuleContext<unknown>): RawFinding | null {
  if (edge.target.kind !== 'file' || edge.fact.form === 'dynamic' || edge.fact.form === 'mention') return null
  const { architecture } = context
  const there = architecture.placeOf(edge.target.path)
  if (here.isProvider)
    return there.layer === null || there.isProvider
      ? null
      : report(path, edge, { context, what: `a provider imports the ${there.layer} layer`, allowed: 'other providers' })
  if (here.layer === null || there.layer === null || here.domain !== there.domain) return null
  const layer = architecture.layers.find((entry) => entry.name === here.layer)
  if (layer === undefined) return null
  const isSibling =
    here.layer === there.layer && context.workspace.packageOf(path) !== context.workspace.packageOf(edge.target.path)
  if (layer.imports.has(there.layer) && (layer.siblings || !isSibling)) return null
  if (isDeclaredEdge(context, path, edge.target.path)) return null
  const what = isSibling ? `${here.layer} packages may not import each other` : `${here.layer} may not import ${there.layer}`
  return report(path, edge, {
    context,
    what,
    allowed: [...layer.imports].filter((name) => layer.siblings || name !== here.layer).join(', '),
  })
}

interface Verdict {
  readonly context: RuleContext<unknown>
  readonly what: string
  readonly allowed: string
}

function report(path: string, edge: Edge, { context, what, allowed }: Verdict): RawFinding {
  const target = edge.target.kind === 'file' ? edge.target.path : edge.fact.from
  const [own, other] = [nameOf(context.workspace, path), nameOf(context.workspace, target)]
  const names =
    edge.fact.names
      .filter((name) => name !== '*')
      .slice(0, 3)
      .join(', ') || 'what it needs'
  const home = lowerHome(path, context.architecture, context)
  return {
    file: path,
    line: edge.fact.line,
    column: edge.fact.column,
    what: `${own} imports ${edge.fact.names.slice(0, 3).join(', ') || 'all'} from ${other}: ${what}`,
    fix: [
      `Move ${names} down into ${home}, and import it from there on both sides.`,
      `Turn the edge round: let ${other} import ${own} and pass ${names} in as a parameter.`,
      `What this file may import: ${allowed || 'nothing of this repository'}.`,
    ],
    anchor: `layer ${edge.fact.from}`,
  }
}

/** A package of the lowest layer that this file may import, in its own domain. */
function lowerHome(path: string, architecture: Architecture, { workspace }: RuleContext<unknown>): string {
  const here = architecture.placeOf(path)
  const lowest = architecture.layers[0]?.name
  const found = workspace.packages.find((node) => {
    const place = architecture.placeOf(`${node.dir}/package.json`)
    return place.domain === here.domain && place.layer === lowest && node.name !== null
  })
  return found?.name ?? `a package of the ${lowest ?? 'lowest'} layer`
}
