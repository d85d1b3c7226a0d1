import { parseArgs } from 'node:util'
import { askService } from './client.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    C: { type: 'string', short: 'C' },
    json: { type: 'boolean' },
    rule: { type: 'string', multiple: true },
    fix: { type: 'boolean' },
    changed: { type: 'string' },
    'no-cache': { type: 'boolean' },
    'update-baseline': { type: 'boolean' },
    accept: { type: 'string' },
    watch: { type: 'boolean' },
  },
})
const cwd = values.C ?? process.cwd()
const format = values.json === true ? 'json' : 'text'
const isPlain = Object.keys(values).every((key) => key === 'C' || key === 'json')
const answer = isPlain ? await askService({ cwd, paths: positionals, format }) : null
if (answer !== null) {
  process.stdout.write(answer.output)
  process.exitCode = answer.exitCode
} else if (values.watch === true) {
  const { serveChecks } = await import('./watch/serve-checks.ts')
  const server = await serveChecks(cwd)
  process.stdout.write(`watching ${cwd}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void server.close().then(() => process.exit(0)))
} else {
  const { exitCodeOf, renderReport, runCheck } = await import('./index.ts')
  const report = await runCheck({
    cwd,
    paths: positionals,
    rules: values.rule ?? [],
    changed: values.changed ?? null,
    fix: values.fix ?? false,
    cache: values['no-cache'] !== true,
    updateBaseline: values['update-baseline'] ?? false,
    accept: values.accept ?? null,
  })
  process.stdout.write(`${renderReport(report, format)}\n`)
  process.exitCode = exitCodeOf(report)
}
