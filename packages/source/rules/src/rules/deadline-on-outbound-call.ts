import { defineSiteRule, testFiles } from '../site-rule.ts'

export const deadlineOnOutboundCall = defineSiteRule({
  id: 'deadline-on-outbound-call',
  why: 'A call without a deadline waits for ever when the other side does, and takes its caller with it.',
  severity: 'off',
  exclude: testFiles,
  kinds: ['fetch'],
  options: (z) => z.strictObject({ helper: z.string().optional() }),
  describe: (site, { context }) => {
    const http =
      context.options.helper ??
      context.architecture.capabilities.find((entry) => entry['instead-of'].includes('fetch') || entry.name.startsWith('http'))
        ?.use
    return {
      what: `${site.detail} has neither signal nor timeout`,
      fix: [
        ...(http === undefined ? [] : [`Call through ${http}, which sets a deadline and retries.`]),
        'Pass the caller’s signal on: `fetch(url, { signal })`.',
        'Where there is no caller’s signal: `fetch(url, { signal: AbortSignal.timeout(10_000) })`.',
      ],
    }
  },
})
