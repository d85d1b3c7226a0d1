import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { architectureFile } from '@coxswain/rules'
import { describe, expect, it } from 'vitest'
import { checkConfigFile } from './check-config.ts'
import { loadConfig } from './load-config.ts'

const text = readFileSync(join(import.meta.dirname, '../../../../../docs/checks.md'), 'utf8')
const example = (file: string): string => new RegExp('```yaml ' + file + '\n([\\s\\S]*?)\n```').exec(text)?.[1] ?? ''

describe('docs/checks.md', () => {
  it('shows configuration that is read', () => {
    const config = loadConfig((path) => (path.startsWith('harness/') ? example(path) : null))
    expect(config.architecture.layers.map(({ name }) => name)).toEqual(['types', 'repo', 'service'])
    expect(config.patterns.map(({ id }) => id)).toEqual(['no-date-now'])
    const logging = config.rules.find(({ rule }) => rule.id === 'structured-logging')
    expect([logging?.severity, logging?.see]).toEqual(['warning', 'docs/logging.md'])
  })

  it.each([
    ['harness/checks.yaml', checkConfigFile()],
    ['harness/architecture.yaml', architectureFile()],
  ])('names every key of %s, and shows it', (file, schema) => {
    const keys = Object.keys(schema.shape)
    expect(keys.filter((key) => !text.includes(`| \`${key}\` |`))).toEqual([])
    expect(keys.filter((key) => !new RegExp(`^${key}:`, 'm').test(example(file)))).toEqual([])
  })
})
