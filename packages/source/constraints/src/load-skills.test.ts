import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { loadSkills } from './load-skills.ts'

let root = ''
afterEach(() => rm(root, { recursive: true, force: true }))

async function problemsOf(files: Readonly<Record<string, string>>): Promise<string[]> {
  root = await mkdtemp(join(tmpdir(), 'cox-skills-'))
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, 'harness/skills', path)), { recursive: true })
    await writeFile(join(root, 'harness/skills', path), text)
  }
  return (await loadSkills(root)).problems.map((problem) => `${problem.severity} ${problem.code} ${problem.file}:${problem.line}`)
}

function skill(name: string, body = 'Body.'): string {
  return `---\nname: ${name}\ndescription: Use when it matters.\n---\n\n${body}\n`
}

test('a skill with its files is whole', async () => {
  expect(
    await problemsOf({
      'good/SKILL.md': skill('good', 'See [more](more.md) and [the site](https://example.com).'),
      'good/more.md': 'x',
    }),
  ).toEqual([])
  expect((await loadSkills(root)).skills.map((one) => [one.name, one.files.map((file) => file.path)])).toEqual([
    ['good', ['SKILL.md', 'more.md']],
  ])
})

test('each fault has its place', async () => {
  const faults = {
    'broken/SKILL.md': '---\nname: Broken Name\n---\n',
    'empty/other.md': 'x',
    'long/SKILL.md': skill('long', 'line\n'.repeat(600)),
    'named/SKILL.md': skill('other'),
    'links/SKILL.md': skill('links', 'See [nothing](nothing.md).'),
    'vague/SKILL.md': '---\nname: vague\ndescription: Testing.\n---\n',
  }
  expect(await problemsOf(faults)).toEqual([
    'error KEY_MISSING harness/skills/broken/SKILL.md:2',
    'error VALUE_INVALID harness/skills/broken/SKILL.md:2',
    'error SKILL_MISSING harness/skills/empty:1',
    'error LINK_BROKEN harness/skills/links/SKILL.md:6',
    'error SKILL_TOO_LONG harness/skills/long/SKILL.md:500',
    'error SKILL_NAME harness/skills/named/SKILL.md:2',
    'warning SKILL_NOT_TRIGGERED harness/skills/vague/SKILL.md:3',
  ])
})

test('commands whose script or file is not there are told of', async () => {
  const body = `\`\`\`sh
$ npm run test
npm run tests -- --watch
pnpm run build:all
pnpm --filter web run nothing
npm install
node scripts/made.mjs
node scripts/gone.mjs
scripts/beside.sh
./scripts/gone.sh now
node --version
/usr/bin/env node x.js
echo "scripts/no-command.sh"
\`\`\`

\`\`\`ts
node scripts/not-a-shell.mjs
\`\`\``
  const inSkill = { 'run/SKILL.md': skill('run', body), 'run/scripts/beside.sh': 'x', '../../scripts/made.mjs': 'x' }
  expect(await problemsOf({ ...inSkill, '../../package.json': '{"scripts":{"test":"x"}}' })).toEqual(
    [8, 9, 13, 15].map((line) => `warning COMMAND_BROKEN harness/skills/run/SKILL.md:${line}`),
  )
  await rm(root, { recursive: true, force: true })
  expect(await problemsOf(inSkill)).toEqual([13, 15].map((line) => `warning COMMAND_BROKEN harness/skills/run/SKILL.md:${line}`))
})

test('more than ten skills are too many', async () => {
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`skill-${index}/SKILL.md`, skill(`skill-${index}`)]))
  expect(await problemsOf(many)).toEqual(['warning SKILLS_TOO_MANY harness/skills:1'])
})
