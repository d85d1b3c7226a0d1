import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A repository for tests, with instructions of many kinds. */
export const sampleRepository = {
  'AGENTS.md': `# Shop

See [the guide](docs/guide.md) and [the plan](docs/plan.md).

## Rules

- Never use \`any\` in types.
- Avoid default exports.
- Use 2 spaces for indentation.
- Never call \`fetch\` without a timeout.
- Always ask before you delete data.
- Run \`npm run lint\` and \`npm run tests\` before you push.
- Tests live in \`packages/shop/test/setup.ts\`.

\`\`\`sh
$ npm install
\`\`\`
`,
  'packages/shop/AGENTS.md': '# Shop package\n\n- Always ask before you delete data.\n- Use tabs for indentation.\n',
  'packages/shop/package.json': '{}',
  'docs/guide.md': 'x',
  'package.json': '{"scripts":{"lint":"eslint","test":"vitest"}}',
  'pnpm-lock.yaml': '',
  '.prettierrc': '{}',
  'eslint.config.js':
    "import base from 'base'\nexport default [base, { rules: { '@typescript-eslint/no-explicit-any': 'error', 'import/no-default-export': 'off' } }]\nthrow new Error('must not run')\n",
  '.cursor/rules/ui.mdc': '---\nglobs: packages/ui/**/*.tsx\nalwaysApply: false\n---\n- Never use inline styles.\n',
}

const made: string[] = []

export async function makeRepository(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cox-scan-'))
  made.push(root)
  spawnSync('git', ['init', '-q', root])
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  return root
}

export async function removeRepositories(): Promise<void> {
  for (const folder of made.splice(0)) await rm(folder, { recursive: true, force: true })
}
