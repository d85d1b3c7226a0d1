import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { renderWeakened, weakenedBetween, type SettingsTest } from './weakened-between.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-weakened-'))
  git('init', '--quiet', '--initial-branch=main')
  write('src/a.ts', '')
  writeConstraint('error')
  commit('first')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function git(...args: readonly string[]): void {
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], { cwd: root, stdio: 'ignore' })
}

function commit(message: string): void {
  git('add', '--all')
  git('commit', '--quiet', '--allow-empty', '--message', message)
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

function writeConstraint(severity: string, max = 350): void {
  const rungs = `  - check: { rule: max-lines, options: { max: ${max} } }`
  const body = `# Short files\n\n## Why\n\nw\n\n## Fix\n\nf\n`
  write(
    'harness/constraints/short.md',
    `---\nid: short\nclass: size\nseverity: ${severity}\nscope: ['src/**']\nrungs:\n${rungs}\nowner: team\n---\n\n${body}`,
  )
}

async function told(options: { readonly since?: string; readonly until?: string; readonly settings?: SettingsTest } = {}) {
  return renderWeakened(await weakenedBetween({ root, ...options }))
}

test('a repository with one commit has nothing to compare with', async () => {
  expect(await weakenedBetween({ root })).toEqual({ since: null, weakened: [], declared: [], exempted: [] })
})

test('CON-52 a shallow clone that holds no earlier commit is an error: it would pass whatever was weakened', async () => {
  writeConstraint('warning')
  commit('softer')
  const shallow = join(root, 'shallow')
  git('clone', '--quiet', '--depth', '1', `file://${root}`, shallow)
  await expect(weakenedBetween({ root: shallow })).rejects.toMatchObject({
    code: 'REF_UNKNOWN',
    hint: expect.stringContaining('fetch-depth'),
  })
  git('-C', shallow, 'fetch', '--quiet', '--unshallow')
  expect((await weakenedBetween({ root: shallow })).weakened).toHaveLength(1)
})

test('on the main branch the commit before counts, with what is not committed yet', async () => {
  writeConstraint('warning')
  commit('softer')
  writeConstraint('warning', 900)
  expect(await told()).toBe(
    'weakened short: severity-lowered: error → warning\nweakened short: check-changed: rule max-lines {"max":350} → rule max-lines {"max":900}\n',
  )
  expect(await told({ until: 'HEAD' })).toBe('weakened short: severity-lowered: error → warning\n')
  expect(await told({ since: 'HEAD', until: 'HEAD~1' })).toBe('')
})

test('on a branch, where it left the main branch counts', async () => {
  git('checkout', '--quiet', '-b', 'topic')
  rmSync(join(root, 'harness'), { recursive: true })
  commit('gone')
  commit('more')
  expect(await told()).toBe('weakened short: removed: was error: Short files\n')
})

test('a commit may declare what it weakens, and why', async () => {
  writeConstraint('warning')
  commit('softer\n\nWeakens: short the baseline is not empty yet')
  expect(await told()).toBe('weakened short: severity-lowered: error → warning\n  declared: the baseline is not empty yet\n')
  expect((await weakenedBetween({ root })).weakened).toEqual([])
})

test('settings are judged by who knows them', async () => {
  write('ci.yml', 'run: test\n')
  commit('with tests')
  write('ci.yml', 'run: build\n')
  const settings: SettingsTest = {
    paths: ['ci.yml', 'harness'],
    weakened: (path, was, now) => [`${path}: ${was?.trim() ?? ''} → ${now?.trim() ?? ''}`],
    mark: 'allow',
    exemptionsIn: () => [],
  }
  expect(await told({ since: 'HEAD', settings })).toBe('weakened ci.yml: setting-weakened: ci.yml: run: test → run: build\n')
})

test('an exemption is listed with its reason and weakens nothing; one that moves is not new', async () => {
  const settings: SettingsTest = {
    paths: ['harness'],
    weakened: () => [],
    mark: 'allow',
    exemptionsIn: (_, text) => [...text.matchAll(/allow (\w+)/g)].map(([key, why = '']) => ({ key, detail: 'one', why })),
  }
  write('src/a.ts', 'allow known\n')
  commit('known')
  write('src/a.ts', 'allow twice\nallow twice\n')
  commit('moved')
  write('src/b.ts', 'allow known\nallow fresh\n')
  write('harness/baseline/x.txt', 'allow old\n')
  expect(await told({ since: 'HEAD~1', settings })).toBe(
    [
      'exempted, with a reason, harness/baseline/x.txt: one\n  reason: old\n',
      'exempted, with a reason, src/a.ts: one, 2 times\n  reason: twice\n',
      'exempted, with a reason, src/b.ts: one\n  reason: fresh\n',
    ].join(''),
  )
  const { weakened, exempted } = await weakenedBetween({ root, since: 'HEAD~1', until: 'HEAD', settings })
  expect([weakened, exempted.map(({ why }) => why)]).toEqual([[], ['twice']])
})

test('an unknown commit is an error', async () => {
  await expect(told({ since: 'nowhere' })).rejects.toMatchObject({ code: 'REF_UNKNOWN' })
  rmSync(join(root, '.git'), { recursive: true })
  await expect(told({ since: 'nowhere' })).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' })
})
