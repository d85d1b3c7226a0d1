import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runCheck } from '@coxswain/checks'
import type { CheckRunner } from '@coxswain/constraints'

/** Runs a constraint's built-in rule on its examples alone, in a folder of their own with just that rule configured. */
export function createRuleRunner(): CheckRunner {
  return async ({ check, root, files }) => {
    if (!('rule' in check)) return []
    const folder = await mkdtemp(join(tmpdir(), 'coxswain-examples-'))
    try {
      for (const file of files) {
        await mkdir(dirname(join(folder, file)), { recursive: true })
        await cp(join(root, file), join(folder, file))
      }
      await mkdir(join(folder, 'harness'), { recursive: true })
      // JSON is YAML.
      await writeFile(
        join(folder, 'harness/checks.yaml'),
        JSON.stringify({ rules: { [check.rule]: { severity: 'error', ...check.options } } }),
      )
      const { findings } = await runCheck({ cwd: folder, rules: [check.rule], cache: false })
      return findings.map((finding) => ({ file: finding.file, line: finding.line, text: finding.what }))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}
