import { defineSiteRule } from '../site-rule.ts'

const kinds = ['payment card', 'bank account', 'mail address'] as const

export const noPersonalData = defineSiteRule({
  id: 'no-personal-data',
  why: 'Data of real people that slips into code, tests or logs is copied to every clone and cannot be called back.',
  severity: 'warning',
  exclude: ['**/{LICENSE,AUTHORS,CONTRIBUTORS,MAINTAINERS,CODEOWNERS,CHANGELOG,package,composer}*', '**/*.md'],
  kinds: ['personal-data'],
  options: (z) => z.strictObject({ kinds: z.array(z.enum(kinds)).default(['payment card', 'bank account']) }),
  accepts: (site, { context }) => context.options.kinds.some((kind) => kind === site.detail),
  describe: (site) => ({
    what: `Contains a ${site.detail} that passes its check`,
    fix: [
      site.detail === 'mail address'
        ? 'Use an address at example.com.'
        : 'Use a number that its network publishes for tests, or generate one that fails the check.',
      'If it is real, remove it from the history too, and tell the person responsible for data protection.',
    ],
  }),
})
