import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { mapLimit } from '@coxswain/kernel'
import * as fc from 'fast-check'

/* Trees that the tests of this folder compile. */

const made: string[] = []
export async function removeTrees(): Promise<void> {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true })
}

type Tree = Readonly<Record<string, string | Uint8Array>>

export async function makeTree(tree: Tree): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cox-compile-'))
  made.push(root)
  spawnSync('git', ['init', '-q', root])
  for (const [path, content] of Object.entries(tree)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  return root
}

export async function readTree(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { withFileTypes: true, recursive: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
  const own = files.filter((path) => !path.startsWith('.git/')).toSorted()
  return Object.fromEntries(
    await mapLimit(own, 8, async (path) => [path, (await readFile(join(root, path))).toString('latin1')] as const),
  )
}

export function constraintText(
  id: string,
  parts: { readonly scope?: string; readonly rungs: string; readonly severity?: string },
): string {
  return `---\nid: ${id}\nclass: test\nseverity: ${parts.severity ?? 'warning'}\nscope: ['${parts.scope ?? '**/*'}']\nrungs:\n${parts.rungs}\nowner: team\n---\n\n# The title of ${id}\n\n## Why\n\nIt broke.\n\n## Fix\n\nDo it.\n`
}

export const everySurface = 'targets: [agents, claude, cursor, copilot, gemini, skills, messages, review, hooks, index]\n'

export function sampleHarness(targets: string): Tree {
  return {
    'harness/compile.yaml': targets,
    'harness/constraints/map.md': constraintText('map', { rungs: '  - root: Read docs first' }),
    'harness/constraints/deadline.md': constraintText('deadline', {
      scope: 'packages/a/src/**/*.ts',
      rungs: '  - path: Give every call a deadline\n  - review: { role: reliability, text: Look for calls without deadline }',
    }),
    'harness/constraints/tests.md': constraintText('tests', {
      scope: '**/*.test.ts',
      rungs:
        "  - path: No sleeps\n  - check: { language: ts, pattern: 'sleep($N)' }\n  - hook: { on: before-stop, command: [npm, test] }\n  - skill: testing",
    }),
    'harness/skills/testing/SKILL.md': '---\nname: testing\ndescription: Use when tests are written.\n---\nBody.\n',
    'packages/a/package.json': '{}',
    'packages/a/src/x.ts': 'x',
    'packages/a/src/x.test.ts': 'x',
  }
}

const handWritten = fc
  .array(
    fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.constantFrom(
        '\n',
        '\r\n',
        '<!-- cox:begin -->\n',
        '<!-- cox:end 123456 -->\n',
        '@AGENTS.md\n',
        '<<<<<<< ours\n',
        '=======\n',
        '>>>>>>> theirs\n',
      ),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(''))
const hosts = [
  'AGENTS.md',
  'CLAUDE.md',
  'GEMINI.md',
  'packages/a/AGENTS.md',
  'packages/a/GEMINI.md',
  '.github/copilot-instructions.md',
  '.claude/rules/own.md',
  '.cursor/rules/own.mdc',
  'docs/own.md',
]
const settings = fc.constantFrom(
  '{}',
  '{}\r\n',
  '{\n}\n',
  '{"model":"m"}',
  '{\n\t"hooks": {\n\t\t"Stop": []\n\t}\n}\n',
  '{ "hooks": { "PreToolUse": [ {} ] } }',
)

const settingsFiles = ['.claude/settings.json', '.codex/hooks.json', '.gemini/settings.json']

/** Texts of people, in places where ours go too or beside them. */
export const peoplesTexts = fc.dictionary(fc.constantFrom(...hosts), handWritten)
export const peoplesSettings = fc.dictionary(fc.constantFrom(...settingsFiles), settings)
