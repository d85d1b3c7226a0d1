import { readFileSync } from 'node:fs'
import { enableCompileCache, flushCompileCache } from 'node:module'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

// Plain JavaScript, so that the cache is on before any TypeScript is stripped: ready after 0.13 s instead of 0.35 s.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/compile'))
const { parseScript } = await import('./script.ts')
const { serve } = await import('./serve.ts')

const { values } = parseArgs({ options: { script: { type: 'string' }, version: { type: 'boolean' } } })
if (values.version) {
  process.stdout.write('0.1.0\n')
  process.exit(0)
}
if (values.script === undefined) {
  process.stderr.write('usage: node main.mjs --script FILE\n')
  process.exit(2)
}
serve(parseScript(readFileSync(values.script, 'utf8')))
// This program mostly ends by a signal, too late to write the cache.
flushCompileCache()
