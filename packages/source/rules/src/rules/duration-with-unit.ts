import { defineSiteRule, testFiles } from '../site-rule.ts'

export const durationWithUnit = defineSiteRule({
  id: 'duration-with-unit',
  why: 'A bare number of time is read as seconds by one and milliseconds by the next: a factor of a thousand, found in production.',
  severity: 'off',
  exclude: testFiles,
  kinds: ['duration'],
  options: (z) => z.strictObject({ type: z.string().default('Duration') }),
  describe: (site, { context }) => ({
    what: `${site.detail} is a number without a unit`,
    fix: [
      `Write the unit it counts into the name: \`${withUnit(site.detail, 'Ms')}: number\`, or \`${withUnit(site.detail, 'Seconds')}: number\`.`,
      `Or use a type that carries it: \`${site.detail}: ${context.options.type}\`, made by \`seconds(5)\`.`,
    ],
  }),
})

function withUnit(name: string, unit: string): string {
  return name.includes('_') ? `${name}_${unit.toLowerCase()}` : `${name}${unit}`
}
