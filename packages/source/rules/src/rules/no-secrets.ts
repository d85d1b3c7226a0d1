import { defineSiteRule, noOptions } from '../site-rule.ts'

export const noSecrets = defineSiteRule({
  id: 'no-secrets',
  why: 'A credential in a repository is a credential everybody has, for as long as its history exists.',
  severity: 'error',
  exclude: [
    '**/{test,tests,__tests__,fixtures,__fixtures__,fixture,testdata,mocks,__mocks__}/**',
    '**/*.{test,spec}.*',
    '**/*.snap',
  ],
  kinds: ['secret'],
  options: noOptions,
  describe: (site, { path }) => ({
    what: `Looks like a credential (${site.detail})`,
    fix: [
      `Revoke it where it was issued, then take it out of ${path}: what was written down is known.`,
      'Read it from the environment or the secret store in a boundary file, and pass it in.',
      'If it is an invented example, make it look like one: `EXAMPLE` in its middle.',
    ],
  }),
})
