import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { containedLine } from './driver-line.ts'

const lines = [
  `printf '%%s|' "a  b" -- %f`,
  `printf '%%s|' %f%f 'x'`,
  String.raw`printf '%%s|' "it's 100%" \$HOME $((1+1)) -- %f`,
]
const names = ['plain', 'with  blanks', `it's "$(touch made)"; \`touch made\` !`, "'", "''\\'", '%f', '-n', 'line\nbreak']

test.each(lines)('git runs %s contained as it runs it otherwise, whatever a file is called', (line) => {
  const folder = mkdtempSync(join(tmpdir(), 'cox-line-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const git = (...args: string[]): Buffer => execFileSync('git', args, { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  git('init', '--quiet')
  writeFileSync(join(folder, '.git/info/attributes'), '* filter=x\n')
  for (const name of names) writeFileSync(join(folder, name), 'content')
  const cleaned = (setting: string): string[] => {
    git('config', 'filter.x.clean', setting)
    return names.map((name) => {
      const id = git('-c', 'core.safecrlf=false', 'hash-object', '-w', '--path', name, '--', name).toString().trim()
      return git('cat-file', 'blob', id).toString()
    })
  }
  const contained = containedLine(line, ['/usr/bin/env', "A=it's 50% f", '/bin/sh', '-c', 'eval "$cox_driver"'], /%%|%f/g)
  const wanted = cleaned(line)
  expect(wanted.some((text) => text.includes('blanks'))).toBe(true)
  expect(cleaned(contained)).toEqual(wanted)
  expect(existsSync(join(folder, 'made'))).toBe(false)
})

test('the line of a process is taken as it is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cox-line-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const line = containedLine(`printf '%s %%f' "%f" >out`, ['/bin/sh', '-c', 'eval "$cox_driver"'], null)
  execFileSync('sh', ['-c', line], { cwd: folder })
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('%f %f')
})
