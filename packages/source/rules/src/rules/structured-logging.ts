import { defineSiteRule, testFiles } from '../site-rule.ts'

export const structuredLogging = defineSiteRule({
  id: 'structured-logging',
  why: 'A line printed by hand has no level, no fields and no request: nobody can search it when it matters.',
  severity: 'off',
  exclude: [...testFiles, '**/bin/**', '**/cli/**', '**/cli.*'],
  kinds: ['console'],
  options: (z) => z.strictObject({ logger: z.string().optional() }),
  describe: (site, { context }) => {
    const logger =
      context.options.logger ??
      context.architecture.capabilities.find((entry) => /log/.test(entry.name))?.use ??
      findLogger(context.workspace.packageByName)
    const level =
      { log: 'info', info: 'info', debug: 'debug', trace: 'debug', warn: 'warn', error: 'error' }[
        site.detail.slice('console.'.length)
      ] ?? 'info'
    return {
      what: `${site.detail} writes past the logger`,
      fix: [
        `Take the logger as a parameter${logger === null ? '' : ` (${logger})`} and write \`logger.${level}('what happened', { field: value })\`.`,
        'If nobody needs to know, delete the line.',
      ],
    }
  },
})

function findLogger(packages: ReadonlyMap<string, unknown>): string | null {
  return [...packages.keys()].find((name) => /(?:^|[/-])(?:logger|logging|log)$/.test(name)) ?? null
}
