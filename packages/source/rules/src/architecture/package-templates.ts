import type { z } from 'zod'

const placeholders = ['layer', 'domain', 'feature']
const known = placeholders.map((name) => `{${name}}`).join(', ')

interface Declared {
  readonly packages: readonly string[]
  readonly layers: readonly unknown[]
  readonly 'shared-layers': readonly string[]
}

/** A template that is misspelt places no file, and the rules about layers and domains would be silent. */
export function refuseTemplates(file: Declared, context: z.RefinementCtx): void {
  const hasPlaces = file.layers.length > 0 || file['shared-layers'].length > 0
  const problems = file.packages.map((template) => templateProblem(template, hasPlaces))
  for (const [at, message] of problems.entries())
    if (message !== null) context.addIssue({ code: 'custom', path: ['packages', at], message })
  const lacksLayer = file.packages.length > 0 && !file.packages.some((template) => template.includes('{layer}'))
  if (file.layers.length > 0 && lacksLayer && problems.every((problem) => problem === null))
    context.addIssue({
      code: 'custom',
      path: ['packages'],
      message: 'layers are declared, and no template says where {layer} stands',
    })
}

function templateProblem(template: string, hasPlaces: boolean): string | null {
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const unknown = names.find((name) => !placeholders.includes(name))
  if (unknown !== undefined) return `unknown placeholder {${unknown}} in ${template}; known: ${known}`
  if (/[{}]/.test(template.replaceAll(/\{\w+\}/g, ''))) return `a brace is not closed in ${template}; known: ${known}`
  const twice = names.find((name, at) => names.indexOf(name) < at)
  if (twice !== undefined) return `{${twice}} stands twice in ${template}`
  return names.length === 0 && hasPlaces
    ? `${template} has no placeholder, so it says nothing of its files; known: ${known}`
    : null
}
