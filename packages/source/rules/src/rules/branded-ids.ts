import { defineSiteRule, testFiles } from '../site-rule.ts'

export const brandedIds = defineSiteRule({
  id: 'branded-ids',
  why: 'Two ids of the same plain type get swapped in a call, and nothing notices until data is wrong.',
  severity: 'off',
  exclude: testFiles,
  kinds: ['id-string'],
  options: (z) => z.strictObject({ allow: z.array(z.string()).default([]) }),
  accepts: (site, { context }) => !context.options.allow.includes(site.detail),
  describe: (site, { context }) => {
    const type = site.detail.charAt(0).toUpperCase() + site.detail.slice(1)
    const declared = findDeclaration(type, context)
    return {
      what: `${site.detail} is a plain string`,
      fix: [
        declared === null
          ? `Declare \`type ${type} = string & { readonly brand: '${type}' }\` beside the entity, with a parser for it, and write \`${site.detail}: ${type}\`.`
          : `Write \`${site.detail}: ${type}\`: ${declared} declares it.`,
        `Make the value with the parser of ${type} where it comes in; never cast to it.`,
      ],
    }
  },
})

interface Files {
  readonly facts: ReadonlyMap<string, { readonly exports: readonly { readonly name: string }[] }>
}

const declarations = new WeakMap<object, Map<string, string>>()

// One index per evaluation: asking every file for every finding would make this rule the slowest of all.
function findDeclaration(type: string, context: { readonly workspace: Files }): string | null {
  let index = declarations.get(context)
  if (index === undefined) {
    index = new Map()
    for (const [path, facts] of context.workspace.facts)
      for (const entry of facts.exports) if (entry.name.endsWith('Id') && !index.has(entry.name)) index.set(entry.name, path)
    declarations.set(context, index)
  }
  return index.get(type) ?? null
}
