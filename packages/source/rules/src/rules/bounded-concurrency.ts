import { defineSiteRule, testFiles } from '../site-rule.ts'

export const boundedConcurrency = defineSiteRule({
  id: 'bounded-concurrency',
  why: 'A list that is ten long in tests is ten thousand long in production; all at once, it exhausts sockets, memory or the other side.',
  severity: 'off',
  exclude: testFiles,
  kinds: ['fan-out'],
  options: (z) => z.strictObject({ helper: z.string().default('mapLimit'), from: z.string().optional() }),
  accepts: (_, { path, context }) => !path.endsWith(`/${toKebab(context.options.helper)}.ts`),
  describe: (site, { context }) => {
    const { helper, from } = context.options
    const home = from ?? homeOf(helper, context.workspace.facts)
    return {
      what: `Starts one promise per element of ${site.detail} at once`,
      fix: [
        `Write \`await ${helper}(${site.detail}, 8, async (item) => …)\`${home === null ? '' : ` from ${home}`}.`,
        `If ${site.detail} can never be long, say so by its type: a tuple or an array literal is left alone.`,
      ],
    }
  },
})

function toKebab(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
}

function homeOf(
  name: string,
  facts: ReadonlyMap<string, { readonly exports: readonly { readonly name: string; readonly from?: string }[] }>,
): string | null {
  for (const [path, { exports }] of facts)
    if (path.endsWith(`/${toKebab(name)}.ts`) && exports.some((entry) => entry.name === name && entry.from === undefined))
      return path
  return null
}
