import type { Edge } from '@coxswain/graph'
import { defineRule, type RawFinding, type RuleContext } from '../rule.ts'
import { isDeclaredEdge, nameOf } from './package-names.ts'

export const domainDirection = defineRule({
  id: 'domain-direction',
  why: 'Domains that reach into each other can no longer be changed by one person, or one agent, at a time.',
  severity: 'error',
  scope: 'file',
  options: (z) => z.strictObject({}),
  check: (path, context) => {
    const here = context.architecture.placeOf(path)
    if (here.domain === null || here.isProvider) return []
    return context.workspace.edgesOf(path).flatMap((edge) => {
      if (edge.target.kind !== 'file' || edge.fact.form === 'mention') return []
      const there = context.architecture.placeOf(edge.target.path)
      const isOpen =
        there.domain === null ||
        there.isProvider ||
        there.domain === here.domain ||
        context.architecture.sharedLayers.has(there.layer ?? '')
      return isOpen || isDeclaredEdge(context, path, edge.target.path) ? [] : [report(path, edge, context)]
    })
  },
})

function report(path: string, edge: Edge, context: RuleContext<unknown>): RawFinding {
  const target = edge.target.kind === 'file' ? edge.target.path : ''
  const [here, there] = [context.architecture.placeOf(path), context.architecture.placeOf(target)]
  const names =
    edge.fact.names
      .filter((name) => name !== '*')
      .slice(0, 3)
      .join(', ') || 'what it needs'
  const shared = [...context.architecture.sharedLayers].join(', ')
  const home = sharedHome(there.domain, context)
  return {
    file: path,
    line: edge.fact.line,
    column: edge.fact.column,
    what: `Domain ${here.domain} imports ${names} from ${nameOf(context.workspace, target)}, the ${there.layer ?? 'inside'} layer of domain ${there.domain}`,
    fix: [
      shared === ''
        ? `Let ${there.domain} offer ${names} through a provider package, and import that.`
        : `Move ${names} into ${home}: the ${shared} layer of a domain is open to others.`,
      `Take ${names} as a parameter, and let the code that starts both domains hand it over.`,
      `If ${names} belongs to no domain, move it into a provider package.`,
    ],
    anchor: `domain ${edge.fact.from}`,
  }
}

function sharedHome(domain: string | null, { workspace, architecture }: RuleContext<unknown>): string {
  const found = workspace.packages.find((node) => {
    const place = architecture.placeOf(`${node.dir}/package.json`)
    return place.domain === domain && architecture.sharedLayers.has(place.layer ?? '') && node.name !== null
  })
  return found?.name ?? `a shared package of ${domain}`
}
