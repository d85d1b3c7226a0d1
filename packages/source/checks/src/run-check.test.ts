import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { exitCodeOf } from './check-report.ts'
import { renderGithub } from './report/render-github.ts'
import { toSarif } from './report/render-sarif.ts'
import { renderText } from './report/render-text.ts'
import { runCheck } from './run-check.ts'

/** What the schema of SARIF 2.1.0 requires of the parts that are written, and the types of those. */
const message = z.strictObject({ text: z.string().min(1) })
const position = z.int().min(1)
const sarifSchema = z.strictObject({
  $schema: z.url(),
  version: z.literal('2.1.0'),
  runs: z.array(
    z.strictObject({
      tool: z.strictObject({
        driver: z.strictObject({
          name: z.string().min(1),
          rules: z.array(z.strictObject({ id: z.string(), shortDescription: message, help: message })),
        }),
      }),
      columnKind: z.enum(['utf16CodeUnits', 'unicodeCodePoints']),
      results: z.array(
        z.strictObject({
          ruleId: z.string(),
          ruleIndex: z.int().min(0),
          level: z.enum(['none', 'note', 'warning', 'error']),
          message,
          locations: z.array(
            z.strictObject({
              physicalLocation: z.strictObject({
                artifactLocation: z.strictObject({ uri: z.string().regex(/^[\w\-./%~!$&'()*+,;=:@]+$/) }),
                region: z.strictObject({ startLine: position, startColumn: position }),
              }),
            }),
          ),
          partialFingerprints: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
})

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cox-check-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const check = (options: Partial<Parameters<typeof runCheck>[0]> = {}) => runCheck({ cwd: root, cache: false, ...options })
const swallow = 'export function read(run: () => void) {\n  try {\n    run()\n  } catch {}\n}\n'

it('always ends with one line, also when clean', async () => {
  write('src/a.ts', 'export const a = 1\n')
  expect(renderText(await check())).toMatch(
    /^note: no harness\/ here: default rules, warnings only\nchecked 1 file, \d+ rules: clean$/,
  )
})

it('only warns without a harness, and fails with one', async () => {
  write('src/a.ts', swallow)
  expect(exitCodeOf(await check())).toBe(0)
  write('harness/checks.yaml', 'rules:\n  no-swallowed-error: error\n')
  const report = await check()
  expect([exitCodeOf(report), report.counts]).toEqual([1, { 'no-swallowed-error': 1 }])
})

it('prints a finding as text, annotation and SARIF', async () => {
  write('harness/checks.yaml', 'rules:\n  no-swallowed-error: error\n')
  write('src/a.ts', swallow)
  const report = await check()
  expect(renderText(report)).toMatchInlineSnapshot(`
    "src/a.ts:4:5 no-swallowed-error (error)
      what: This catch drops every error without a word
      why: An error that is caught and dropped turns a failure into a wrong result, far from its cause.
      fix: Catch the one code you expect and rethrow the rest: \`if (!isCode(error, "ENOENT")) throw error\`.
       or: Let it pass: remove the try.
       or: If dropping is right, say why in a comment inside the block; then it is a decision.
      see: cox check --explain no-swallowed-error
      again: cox check src/a.ts --rule no-swallowed-error

    checked 1 file, 19 rules: 1 finding (1 error, 0 warnings)"
  `)
  expect(renderGithub(report).split('\n')[0]).toMatchInlineSnapshot(
    `"::error file=src/a.ts,line=4,col=5,title=no-swallowed-error::This catch drops every error without a word%0AWhy: An error that is caught and dropped turns a failure into a wrong result, far from its cause.%0AFix: Catch the one code you expect and rethrow the rest: \`if (!isCode(error, "ENOENT")) throw error\`.%0AFix: Let it pass: remove the try.%0AFix: If dropping is right, say why in a comment inside the block; then it is a decision.%0ASee: cox check --explain no-swallowed-error"`,
  )
  expect(toSarif(report)).toMatchObject({
    version: '2.1.0',
    runs: [
      {
        results: [
          {
            ruleId: 'no-swallowed-error',
            level: 'error',
            locations: [
              { physicalLocation: { artifactLocation: { uri: 'src/a.ts' }, region: { startLine: 4, startColumn: 5 } } },
            ],
          },
        ],
      },
    ],
  })
})

it('writes SARIF that its schema accepts in what it asks for', async () => {
  write('harness/checks.yaml', 'rules:\n  no-swallowed-error: error\n  structured-logging: warning\n')
  write('src/ä b#.ts', `${swallow}console.log(1)\n`)
  const sarif = JSON.parse(JSON.stringify(toSarif(await check()))) as unknown
  expect(sarifSchema.safeParse(sarif)).toMatchObject({ success: true })
  const [run] = sarifSchema.parse(sarif).runs
  expect(run?.results.map(({ ruleId, ruleIndex }) => [ruleId, run.tool.driver.rules[ruleIndex]?.id])).toEqual([
    ['no-swallowed-error', 'no-swallowed-error'],
    ['structured-logging', 'structured-logging'],
  ])
  expect(run?.results[0]?.locations[0]?.physicalLocation.artifactLocation.uri).toBe('src/%C3%A4%20b%23.ts')
  expect(toSarif(await check({ paths: ['harness'] }))).toMatchObject({ runs: [{ results: [] }] })
})

it('CHK-24 says of a rule in SARIF what holds for every finding, and of a finding its own ways out', async () => {
  write('harness/checks.yaml', 'rules:\n  max-lines: { max: 2 }\n')
  for (const name of ['one', 'two']) write(`src/${name}.ts`, `export function ${name}() {\n  return 1\n}\n`)
  const [run] = sarifSchema.parse(toSarif(await check())).runs
  expect(run?.tool.driver.rules).toEqual([
    {
      id: 'max-lines',
      shortDescription: { text: expect.stringMatching(/^A file that does not fit/) },
      help: { text: expect.stringMatching(/^A file that does not fit .*\nSee cox check --explain max-lines$/) },
    },
  ])
  expect(run?.results.map((result) => /cox check src.(\w+)/.exec(result.message.text)?.[1])).toEqual(['one', 'two'])
})

it('explains a rule once, however often it is broken, and keeps to its budget', async () => {
  write('harness/checks.yaml', 'rules:\n  no-swallowed-error: error\nreport: { tokens: 600 }\n')
  for (let at = 0; at < 200; at++) write(`src/file-${at}.ts`, swallow.replace('read', `read${at}`))
  const text = renderText(await check())
  expect(text.match(/why:/g)?.length).toBe(1)
  expect(text.length).toBeLessThan(600 * 4)
  expect(text).toMatch(/… and \d+ more/)
})

describe('configuration errors name the line and what was meant', () => {
  it.each([
    ['an unknown rule', 'rules:\n  no-cycle: error\n', 'RULE_UNKNOWN', 'Did you mean "no-cycles"?'],
    [
      'an unknown option',
      'rules:\n  max-lines: { maximum: 3 }\n',
      'CONFIG_INVALID',
      'Known: severity, include, exclude, see, max.',
    ],
    ['an unknown key', 'rules: {}\nexcludes: []\n', 'CONFIG_INVALID', 'Did you mean "exclude"?'],
    ['a wrong ending', 'exemption: []\n', 'CONFIG_INVALID', 'Did you mean "exemptions"?'],
    [
      'an exemption from a rule that is none',
      'exemptions:\n  - { rule: no-secret, files: [a.ts], owner: ana, reason: why, until: 2999-01-01 }\n',
      'RULE_UNKNOWN',
      'Did you mean "no-secrets"?',
    ],
    ['broken YAML', 'rules: [\n', 'CONFIG_INVALID', 'Repair the YAML at this line.'],
  ])('%s', async (_, text, code, hint) => {
    write('harness/checks.yaml', text)
    await expect(check()).rejects.toMatchObject({ code, hint })
  })

  it.each(['2020-13-45', '2027-02-31', '2099-99-99'])('refuses the day %s', async (day) => {
    const entry = `  - { rule: no-secrets, files: [keys/**], owner: ana, reason: why, until: ${day} }\n`
    write('harness/checks.yaml', `exemptions:\n${entry}`)
    await expect(check()).rejects.toThrow(`harness/checks.yaml:2: exemptions.0.until: the calendar has no day ${day}`)
  })

  it('says the line', async () => {
    write('harness/checks.yaml', 'rules: {}\nexcludes: []\n')
    await expect(check()).rejects.toThrow('harness/checks.yaml:2: "excludes" is not a key here')
  })
})

describe('exemptions', () => {
  it.each([
    ['cover the next line while they last', 'owner=ana until=2999-01-01 reason=why', []],
    ['do not cover once they are over', 'owner=ana until=2020-01-01 reason=why', ['exemption-form', 'no-swallowed-error']],
    ['do not cover until a day that is none', 'owner=bo until=2099-99-99 reason=x', ['exemption-form', 'no-swallowed-error']],
    ['do not cover until the 31st of February', 'owner=bo until=2027-02-31 reason=x', ['exemption-form', 'no-swallowed-error']],
    ['do not cover without a reason', 'owner=ana until=2999-01-01', ['exemption-form', 'no-swallowed-error']],
  ])('%s', async (_, form, expected) => {
    write('harness/checks.yaml', 'rules:\n  no-swallowed-error: error\n  exemption-form: { maxDays: 1000000 }\n')
    write(
      'src/a.ts',
      `const a = 1\nconst b = 2\nconst c = 3\nconst d = 4\ntry {\n  d\n  // cox-allow no-swallowed-error ${form}\n} catch {}\n`,
    )
    expect((await check()).findings.map((finding) => finding.rule)).toEqual(expected)
  })
})

describe('fixes', () => {
  it('rewrites a deep import to the entry and renames a file with its imports', async () => {
    write('package.json', '{ "name": "root", "workspaces": ["packages/*"] }')
    write('harness/checks.yaml', 'rules:\n  public-entry-only: error\n  file-name: error\n')
    write('packages/a/package.json', '{ "name": "a", "exports": "./src/index.ts", "dependencies": { "b": "1" } }')
    write('packages/a/src/index.ts', "import { two } from 'b/src/twoThree.ts'\nexport const one = two\n")
    write('packages/b/package.json', '{ "name": "b", "exports": "./src/index.ts" }')
    write('packages/b/src/index.ts', "export { two } from './twoThree.ts'\n")
    write('packages/b/src/twoThree.ts', 'export const two = 2\n')
    const report = await check({ fix: true })
    expect([report.findings, report.applied.map((fix) => fix.rule)]).toEqual([[], ['public-entry-only', 'file-name']])
    expect(readFileSync(join(root, 'packages/a/src/index.ts'), 'utf8')).toBe("import { two } from 'b'\nexport const one = two\n")
    expect(readFileSync(join(root, 'packages/b/src/index.ts'), 'utf8')).toBe("export { two } from './two-three.ts'\n")
    expect(existsSync(join(root, 'packages/b/src/two-three.ts'))).toBe(true)
  })
})

describe('the baseline of a part', () => {
  beforeEach(async () => {
    write('harness/checks.yaml', 'rules:\n  no-swallowed-error: error\n  structured-logging: error\n')
    for (const folder of ['a', 'b']) write(`${folder}/x.ts`, `${swallow}console.log(1)\n`)
    await check({ updateBaseline: true, accept: 'known' })
  })

  it('leaves the entries of all other files and rules as they are', async () => {
    expect((await check()).baseline).toEqual({ known: 4, new: 0, fixed: 0 })
    write('a/x.ts', swallow)
    await check({ paths: ['a'], updateBaseline: true })
    expect((await check()).baseline).toEqual({ known: 3, new: 0, fixed: 0 })
    await check({ rules: ['structured-logging'], updateBaseline: true })
    expect((await check()).baseline).toEqual({ known: 3, new: 0, fixed: 0 })
    write('b/y.ts', 'console.log(2)\n')
    await check({ paths: ['a'], updateBaseline: true, accept: 'not theirs' })
    expect((await check()).baseline).toEqual({ known: 3, new: 1, fixed: 0 })
  })

  it('does not take a copy for the violation it was copied from, and knows one that moved', async () => {
    write('a/copy.ts', swallow)
    expect((await check({ paths: ['a'] })).findings.map(({ file }) => file)).toEqual(['a/copy.ts'])
    rmSync(join(root, 'b/x.ts'))
    write('b/x.ts', 'console.log(1)\n')
    expect((await check({ paths: ['a'] })).findings).toEqual([])
  })

  it('CHK-31 says what became of new findings, and nothing when there are none', async () => {
    write('b/y.ts', 'console.log(2)\n')
    const report = await check({ updateBaseline: true })
    expect([report.baseline.new, report.notes]).toEqual([
      1,
      ['1 new finding not taken into the baseline: mend it, or take it in with a reason: --update-baseline --accept "why"'],
    ])
    expect((await check({ updateBaseline: true, accept: 'why' })).notes).toEqual([
      '1 new finding taken into harness/baseline: commit it',
    ])
    expect((await check({ updateBaseline: true })).notes).toEqual([])
  })

  it('tells a campaign what it holds', async () => {
    expect((await check({ baseline: false })).counts).toEqual({ 'no-swallowed-error': 2, 'structured-logging': 2 })
  })
})

it('goes on past files that cannot be read, loops of links and folders that are no repository', async () => {
  write('src/good.ts', swallow)
  write('src/binary.ts', Buffer.from([1, 0, 2]))
  write('src/latin.ts', Buffer.from([0x2f, 0x2f, 0xe9]))
  write('src/broken.ts', 'export const = 1\n')
  symlinkSync(root, join(root, 'src/loop'))
  write('src/closed.ts', 'export const a = 1\n')
  chmodSync(join(root, 'src/closed.ts'), 0)
  const report = await check()
  expect(report.counts['no-swallowed-error']).toBe(1)
  expect(report.findings.filter((finding) => finding.rule === 'readable-file').map((finding) => finding.file)).toEqual(
    expect.arrayContaining(['src/binary.ts', 'src/broken.ts', 'src/latin.ts']),
  )
})

it('tells a file of the circle that it is in, also where another file is the one to change', async () => {
  write('src/a.ts', "import { b } from './b.ts'\nexport const a = b\n")
  write('src/b.ts', "import { a } from './a.ts'\nexport const b = a\nexport const more = a\n")
  const files = async (path: string): Promise<string[]> =>
    (await check({ paths: [path], rules: ['no-cycles'] })).findings.map(({ file }) => file)
  expect(await files('src/a.ts')).toEqual(['src/a.ts'])
  expect(await files('src/b.ts')).toEqual(['src/a.ts'])
})

it('CHK-26 quotes a path that is more than one word, so that no command does what a file’s name says', async () => {
  write('harness/checks.yaml', 'rules:\n  no-swallowed-error: error\n  max-lines: { max: 2 }\n')
  write("src/it's b.ts", swallow)
  write('src/$(id) `id`.ts', 'export const a = 1\n'.repeat(3))
  const report = renderText(await check())
  expect(report).toContain(String.raw`again: cox check 'src/it'\''s b.ts' --rule no-swallowed-error`)
  expect(report).toContain("cox check 'src/$(id) `id`.ts' --rule unused-export")
  expect(report).not.toContain('cox check src/$')
})

it('says when there is nothing at a path', async () => {
  write('harness/checks.yaml', 'rules: {}\n')
  write('src/a.ts', 'export const a = 1\n')
  expect((await check({ paths: ['src/a.ts', 'src', '.', 'src/b.ts', 'sr'] })).notes).toEqual([
    'no file of this repository is at src/b.ts',
    'no file of this repository is at sr',
  ])
  await expect(check({ paths: ['src/b.ts', 'sr'] })).rejects.toMatchObject({
    code: 'PATH_UNKNOWN',
    message: 'No file of this repository is at src/b.ts, sr',
  })
})

it('CHK-14 says what is not looked at where most of what was asked for is JavaScript', async () => {
  write('harness/checks.yaml', 'rules: { max-lines: { max: 2 } }\n')
  for (const file of ['lib/a.js', 'lib/b.mjs', 'src/c.ts']) write(file, 'export const a = 1\n'.repeat(3))
  const notes = async (...paths: string[]): Promise<readonly string[]> => (await check({ paths })).notes
  expect(await notes()).toEqual([expect.stringMatching(/^2 JavaScript files: only imports/)])
  expect(await notes('lib/a.js')).toEqual([expect.stringMatching(/^1 JavaScript file: only imports/)])
  expect(await notes('src')).toEqual([])
})

it('CHK-7 says of what is compared that there is no repository, or no commit in it', async () => {
  write('src/a.ts', swallow)
  await expect(check({ changed: 'HEAD' })).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' })
  execFileSync('git', ['init', '-q'], { cwd: root })
  await expect(check({ changed: 'HEAD' })).rejects.toMatchObject({
    code: 'NO_COMMITS',
    hint: 'Make a first commit, or leave --changed out to check every file.',
  })
})

it('looks only at what changed when asked to, and knows the commit', async () => {
  write('harness/checks.yaml', 'rules:\n  no-swallowed-error: error\n')
  write('src/old.ts', swallow)
  const git = (...args: string[]): void =>
    void execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: root })
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'start')
  write('src/new.ts', swallow.replace('read', 'open'))
  expect((await check({ changed: 'HEAD' })).findings.map((finding) => finding.file)).toEqual(['src/new.ts'])
  await expect(check({ changed: 'nowhere' })).rejects.toMatchObject({ code: 'REF_UNKNOWN' })
})
