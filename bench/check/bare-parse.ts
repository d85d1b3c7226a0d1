import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import type { Sample } from './sample.ts'

/** The floor: read, parse and visit every source file once, in a process of its own. */
export function bareParse(root: string): Sample {
  const script = `
    const { createRequire } = require('node:module')
    const oxc = createRequire(${JSON.stringify(resolve(import.meta.dirname, '../../packages/source/facts/src/index.ts'))})('oxc-parser')
    const { readFileSync } = require('node:fs')
    const { execFileSync } = require('node:child_process')
    const files = execFileSync('git', ['ls-files', '-z', '*.ts', '*.tsx'], { cwd: ${JSON.stringify(root)}, maxBuffer: 1e9 }).toString().split('\\0').filter(Boolean)
    let seen = 0
    const Visitor = oxc.experimentalGetLazyVisitor()
    const visitor = new Visitor({ TSAnyKeyword: () => seen++, CallExpression: () => seen++, TSAsExpression: () => seen++ })
    for (const file of files) {
      const tree = oxc.parseSync(file, readFileSync(${JSON.stringify(root)} + '/' + file, 'utf8'), { experimentalLazy: true })
      seen += tree.module.staticImports.length
      tree.visit(visitor)
      tree.dispose()
    }
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
    console.log(JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1000, rssMb: maxRSS / 1024 }))`
  const startedAt = performance.now()
  const result = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })
  return { wallMs: performance.now() - startedAt, ...JSON.parse(result.stdout) }
}
