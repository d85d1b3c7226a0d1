import { lazySchema, type Site, type SiteKind, type Zod } from '@coxswain/facts'
import picomatch from 'picomatch'
import type { z } from 'zod'
import { defineRule, type AnyRule, type RuleContext } from './rule.ts'

interface SiteRule<Options> {
  readonly id: string
  readonly why: string
  readonly severity: 'error' | 'warning' | 'off'
  readonly options: (z: Zod) => z.ZodType<Options>
  readonly exclude?: readonly string[]
  readonly kinds: readonly SiteKind[]
  readonly accepts?: (site: Site, place: { readonly path: string; readonly context: RuleContext<Options> }) => boolean
  readonly describe: (
    site: Site,
    place: { readonly path: string; readonly context: RuleContext<Options> },
  ) => { readonly what: string; readonly fix: readonly string[] }
}

/** A rule about places that extraction has marked; places whose surroundings already do the right thing are left alone. */
export function defineSiteRule<Options>(rule: SiteRule<Options>): AnyRule {
  const kinds = new Set<SiteKind>(rule.kinds)
  return defineRule<Options>({
    id: rule.id,
    why: rule.why,
    severity: rule.severity,
    options: rule.options,
    ...(rule.exclude && { exclude: rule.exclude }),
    scope: 'file',
    check: (path, context) => {
      const facts = context.workspace.facts.get(path)
      if (facts === undefined || facts.sites.length === 0 || facts.kind === 'script') return []
      const place = { path, context }
      return facts.sites
        .filter((site) => kinds.has(site.kind) && !site.isGuarded && (rule.accepts?.(site, place) ?? true))
        .map((site) => ({
          file: path,
          line: site.line,
          column: site.column,
          ...rule.describe(site, place),
          anchor: `${site.kind} ${site.detail} ${site.print}`,
        }))
    },
  })
}

export const noOptions = lazySchema((z) => z.strictObject({}))

/** What tests are tried on is wrong on purpose. */
export const fixtureFiles: string[] = ['**/{__testfixtures__,testfixtures,__fixtures__,fixtures,fixture,testdata}/**']

/** Tests and examples do on purpose what production code must not. */
export const testFiles: string[] = [
  '**/*.{test,spec,bench,stories,e2e,test-d,fixture,config}.*',
  '**/{test,tests,__tests__,__testfixtures__,testfixtures,test-utils,integrations,integration,tools,__mocks__,__fixtures__,fixtures,fixture,e2e,__e2e__,examples,example,bench,benchmark,benchmarks,scripts,mocks,playground,testing,stories,demo,demos,docs}/**',
  '**/*.d.ts',
  '**/*.d.mts',
  '**/*.d.cts',
]

const matchesTest = picomatch(testFiles, { dot: true })

export function isTestFile(path: string): boolean {
  return matchesTest(path)
}
