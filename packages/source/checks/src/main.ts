import { parseArgs } from 'node:util'
import { exitCodeOf } from './check-report.ts'
import { toJsonReport } from './report/render-json.ts'
import { renderText } from './report/render-text.ts'
import { runCheck } from './run-check.ts'

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
  },
})
const report = await runCheck({
  cwd: values.C ?? process.cwd(),
  paths: positionals,
  rules: values.rule ?? [],
  changed: values.changed ?? null,
  fix: values.fix ?? false,
  cache: values['no-cache'] !== true,
  updateBaseline: values['update-baseline'] ?? false,
  accept: values.accept ?? null,
})
process.stdout.write(values.json === true ? `${JSON.stringify(toJsonReport(report), null, 1)}\n` : `${renderText(report)}\n`)
process.exitCode = exitCodeOf(report)
