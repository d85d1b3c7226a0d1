import { defineSiteRule, noOptions, testFiles } from '../site-rule.ts'

export const noAwaitInLoop = defineSiteRule({
  id: 'no-await-in-loop',
  why: 'A loop that waits for each item takes as long as all of them together.',
  severity: 'off',
  exclude: testFiles,
  kinds: ['await-in-loop'],
  options: noOptions,
  describe: (site) => ({
    what: `\`${site.detail}\` runs one item after the other`,
    fix: [
      'Run the items side by side, with a bound: `await mapLimit(items, 8, async (item) => …)`.',
      'If each step needs the one before, say so: `// cox-allow no-await-in-loop owner=<you> until=<date> reason=each page names the next`.',
    ],
  }),
})
