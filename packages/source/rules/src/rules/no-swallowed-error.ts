import { defineSiteRule, noOptions, testFiles } from '../site-rule.ts'

export const noSwallowedError = defineSiteRule({
  id: 'no-swallowed-error',
  why: 'An error that is caught and dropped turns a failure into a wrong result, far from its cause.',
  severity: 'warning',
  exclude: testFiles,
  kinds: ['swallowed'],
  options: noOptions,
  describe: () => ({
    what: 'This catch drops every error without a word',
    fix: [
      'Catch the one code you expect and rethrow the rest: `if (!isCode(error, "ENOENT")) throw error`.',
      'Let it pass: remove the try.',
      'If dropping is right, say why in a comment inside the block; then it is a decision.',
    ],
  }),
})
