import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openGit } from './open-git.ts'
import { privateSettings } from './private-settings.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-settings-'))
  execFileSync('git', ['init', '--quiet', root])
})
afterEach(() => rmSync(root, { recursive: true }))

const set = (key: string, value: string): unknown => execFileSync('git', ['config', '--add', key, value], { cwd: root })

/** Of a text, as git reads it. */
function read(text: string): Map<string, string> {
  writeFileSync(join(root, 'config'), text)
  const listed = execFileSync('git', ['config', '-z', '--file', join(root, 'config'), '--list'], { encoding: 'utf8' })
  return new Map(
    listed
      .split('\0')
      .flatMap((entry) => (entry === '' ? [] : [[entry.slice(0, entry.indexOf('\n')), entry.slice(entry.indexOf('\n') + 1)]])),
  )
}

test('what the repository sets about content comes along, whatever characters it has', async () => {
  set('filter.with "quotes\\.clean', 'sed "s/a/\\t/" # x\n; y')
  set('branch.a/b.remote', ' spaces\tand tabs ')
  set('user.name', 'Ann "A" #1')
  const settings = read(await privateSettings(openGit(root), join(root, '.git')))
  expect(settings.get('filter.with "quotes\\.clean')).toBe('sed "s/a/\\t/" # x\n; y')
  expect(settings.get('branch.a/b.remote')).toBe(' spaces\tand tabs ')
  expect(settings.get('user.name')).toBe('Ann "A" #1')
})

test('credentials, hooks and programs that git starts by itself do not', async () => {
  writeFileSync(join(root, 'more'), '[core]\n\tfsmonitor = ./evil\n\tautocrlf = input\n[http]\n\tproxy = http://u:secret-1@p\n')
  set('include.path', join(root, 'more'))
  set('core.hooksPath', './evil')
  set('http.https://example.com/.extraheader', 'AUTHORIZATION: basic secret-2')
  set('credential.helper', 'store --file secret-3')
  set('remote.origin.url', 'https://me:secret-4@example.com/x')
  set('remote.other.url', 'https://secret-5@example.com/x')
  set('remote.third.url', 'ssh://git:secret-6@example.com/x')
  set('url.https://secret-7@example.com/.insteadOf', 'gh:')
  const text = await privateSettings(openGit(root), join(root, '.git'))
  expect(text).not.toMatch(/secret|evil/)
  expect([...read(text)].filter(([key]) => /^(?:core\.(?:autocrlf|hookspath)|remote)/.test(key))).toEqual([
    ['core.autocrlf', 'input'],
    ['remote.origin.url', 'https://example.com/x'],
    ['remote.other.url', 'https://example.com/x'],
    ['remote.third.url', 'ssh://git@example.com/x'],
    ['core.hookspath', '/dev/null'],
  ])
})
