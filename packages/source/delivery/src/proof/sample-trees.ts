import { spawnSync } from 'node:child_process'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface SampleTree {
  readonly name: string
  readonly files: Readonly<Record<string, string | Uint8Array>>
  /** Path to target, relative to the link's folder. */
  readonly links?: Readonly<Record<string, string>>
  /** Where the agent starts, relative to the tree. */
  readonly cwd: string
  /** A file that the agent then reads. */
  readonly read?: string
  readonly isRepository?: boolean
}

const names = ['AGENTS.md', 'CLAUDE.md', 'GEMINI.md']

/** The same words for every agent's file; each text carries a mark that no other has. */
function everywhere(folders: readonly string[], text: (mark: string) => string): Record<string, string> {
  return Object.fromEntries(
    folders.flatMap((folder) =>
      names.map((name) => [
        join(folder, name),
        text(`MARK-${name.slice(0, 6)}-${folder === '' ? 'root' : folder.replaceAll('/', '-')}`),
      ]),
    ),
  )
}

const filler = 'filler words that nobody needs\n'
const generated = (mark: string): string =>
  `${mark} first\n\n<!-- cox:begin 123456 0123456789 1 kept; from harness/, edit there -->\n## Constraints\n\n- Do this [one]\n\nIn \`src/**\`:\n- And that [two]\n<!-- cox:end 123456 -->\n\nlast\n`

const importing: SampleTree['files'] = {
  'CLAUDE.md':
    '@AGENTS.md\n\nMARK-claude-root see @docs/x.md, `@docs/code.md` and mail me@docs/y.md\n\n```\n@docs/code.md\n```\n',
  'GEMINI.md': '@./AGENTS.md\nMARK-gemini-root\n\n```\n@docs/code.md\n```\nand `@docs/code.md`\n',
  'AGENTS.md': 'MARK-agents-root\n',
  'docs/x.md': 'MARK-import-x\n@y.md\n',
  'docs/y.md': 'MARK-import-y\n',
  'docs/code.md': 'MARK-import-code\n',
  'a/CLAUDE.md': '@AGENTS.md\n',
  'a/GEMINI.md': '@./AGENTS.md\n',
  'a/AGENTS.md': 'MARK-agents-a\n',
}

const skillHomes = ['.agents', '.claude', '.codex', '.gemini', '.opencode']

/** Skills where each program may look, at the root, on the way and below; one of them in two places. */
export const skillTree: SampleTree = {
  name: 'skills',
  cwd: 'a',
  files: {
    ...Object.fromEntries(
      ['', 'a/', 'a/b/', 'c/'].flatMap((folder) =>
        skillHomes.map((home) => {
          const name = `${folder.replaceAll('/', '-')}${home.slice(1)}`
          return [`${folder}${home}/skills/${name}/SKILL.md`, skillText(name, `MARK-${name} Use when <tests> & "things" change.`)]
        }),
      ),
    ),
    '.agents/skills/both/SKILL.md': skillText('both', 'MARK-both'),
    '.claude/skills/both/SKILL.md': skillText('both', 'MARK-both'),
    '.agents/skills/folded/SKILL.md': skillText('folded', '>-\n  MARK-folded in\n  two lines'),
    '.agents/skills/nameless/SKILL.md': '# MARK-nameless\n',
  },
}

function skillText(name: string, description: string): string {
  return `---\nname: ${name}\ndescription: ${description}\n---\n\n# MARK-body-${name}\n`
}

export const sampleTrees: readonly SampleTree[] = [
  { name: 'nested', files: everywhere(['', 'a', 'a/b', 'c'], (mark) => `${mark}\n\nsecond line\n`), cwd: 'a/b' },
  { name: 'missing', files: { 'a/x.ts': 'x\n' }, cwd: 'a' },
  { name: 'gaps', files: everywhere(['', 'a/b'], (mark) => `${mark}\n`), cwd: 'a/b' },
  {
    name: 'blank',
    files: { ...everywhere(['', 'a'], (mark) => `${mark}\n`), ...everywhere(['a/b'], () => '  \n\n') },
    cwd: 'a/b',
  },
  { name: 'generated blocks', files: everywhere(['', 'a'], generated), cwd: 'a' },
  {
    name: 'unicode, CRLF, byte-order mark, comments, no final newline',
    files: {
      ...everywhere(
        [''],
        (mark) =>
          `\uFEFF${mark} ∀é🚣 top\r\n\r\n<!-- a block\r\ncomment -->\r\nB1\r\n\r\n\`\`\`\r\n<!-- fenced -->\r\n\`\`\`\r\n- item\r\n  <!-- in a list -->\r\nB2 <!-- inline -->\r\n`,
      ),
      ...everywhere(['a'], (mark) => `${mark} no newline`),
    },
    cwd: 'a',
  },
  {
    name: 'not UTF-8',
    files: Object.fromEntries(names.map((name) => [name, Buffer.from('MARK-latin caf\xe9 \xff\xfe end\n', 'latin1')])),
    cwd: '',
  },
  {
    name: '50 KB root',
    files: { ...everywhere([''], (mark) => `${mark}\n${filler.repeat(1_700)}`), ...everywhere(['a'], (mark) => `${mark}\n`) },
    cwd: 'a',
  },
  {
    name: 'a cap inside a character',
    files: {
      ...everywhere([''], (mark) => `${mark}\n${'x'.repeat(29_987 - mark.length)}`),
      ...everywhere(['a'], (mark) => `${mark}\n${'é∀🚣'.repeat(900)}\n`),
      ...everywhere(['a/b'], (mark) => `${mark}\n`),
    },
    cwd: 'a/b',
  },
  {
    name: 'links',
    files: { 'docs/real.md': 'MARK-linked text\n', ...everywhere([''], (mark) => `${mark}\n`), 'a/x.ts': 'x\n' },
    links: { 'a/AGENTS.md': '../docs/real.md', 'a/CLAUDE.md': '../docs/real.md', 'a/GEMINI.md': '../docs/real.md' },
    cwd: 'a',
  },
  {
    name: 'overrides and private files',
    files: {
      ...everywhere(['', 'a'], (mark) => `${mark}\n`),
      'AGENTS.override.md': 'MARK-override-root\n',
      'CLAUDE.local.md': 'MARK-local-root\n',
      '.claude/CLAUDE.md': 'MARK-dotclaude-root\n',
      'a/AGENTS.override.md': 'MARK-override-a\n',
    },
    cwd: 'a',
  },
  {
    name: 'rules with and without paths',
    files: {
      ...everywhere([''], (mark) => `${mark}\n`),
      '.claude/rules/always.md': 'MARK-rule-always\n',
      '.claude/rules/deep/nested.md': 'MARK-rule-nested\n',
      '.claude/rules/scoped.md': '---\npaths:\n  - "a/**/*.ts"\n---\nMARK-rule-scoped\n',
      '.claude/rules/other.md': '---\npaths: "c/*.ts"\n---\nMARK-rule-other\n',
      'a/.claude/rules/inner.md': 'MARK-rule-inner\n',
      'a/x.ts': 'x\n',
    },
    cwd: '',
    read: 'a/x.ts',
  },
  {
    name: 'only AGENTS.md, rules beside it',
    files: {
      'AGENTS.md': 'MARK-agents-root\n',
      'a/AGENTS.md': 'MARK-agents-a\n',
      '.claude/rules/always.md': 'MARK-rule-always\n',
    },
    cwd: 'a',
  },
  { name: 'only CLAUDE.md', files: { 'CLAUDE.md': 'MARK-claude-root\n', 'a/CLAUDE.md': 'MARK-claude-a\n' }, cwd: 'a' },
  {
    name: 'CLAUDE.md above, AGENTS.md below',
    files: { 'CLAUDE.md': 'MARK-claude-root\n', 'a/AGENTS.md': 'MARK-agents-a\n' },
    cwd: 'a',
  },
  {
    name: 'imports from the root',
    files: importing,
    cwd: '',
  },
  { name: 'imports from a subfolder', files: importing, cwd: 'a' },
  { name: 'no repository', files: everywhere(['', 'a', 'a/b'], (mark) => `${mark}\n`), cwd: 'a/b', isRepository: false },
  {
    name: 'nested files on reading',
    files: {
      ...everywhere(['', 'a', 'a/b', 'c'], generated),
      'a/b/x.ts': 'x\n',
      'a/b/CLAUDE.md': '\uFEFFMARK-CLAUDE-a-b no newline',
    },
    cwd: '',
    read: 'a/b/x.ts',
  },
  {
    name: 'imports on reading',
    files: {
      ...everywhere([''], (mark) => `${mark}\n`),
      'a/CLAUDE.md': '@imp.md\nMARK-claude-a\n',
      'a/GEMINI.md': '@./imp.md\nMARK-gemini-a\n',
      'a/AGENTS.md': '@imp.md\nMARK-agents-a\n',
      'a/imp.md': 'MARK-import-a\n',
      'a/x.ts': 'x\n',
    },
    cwd: '',
    read: 'a/x.ts',
  },
  {
    name: 'mixed files on reading',
    files: {
      'AGENTS.md': 'MARK-agents-root\n',
      'a/CLAUDE.md': 'MARK-claude-a\n',
      'a/b/AGENTS.md': 'MARK-agents-a-b\n',
      'a/b/x.ts': 'x\n',
    },
    cwd: '',
    read: 'a/b/x.ts',
  },
]

/** Lays a tree out in an empty folder. */
export async function layOutTree(tree: SampleTree, root: string): Promise<void> {
  if (tree.isRepository !== false) spawnSync('git', ['init', '-q', '-b', 'main', root])
  for (const [path, content] of Object.entries(tree.files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), content)
  }
  for (const [path, target] of Object.entries(tree.links ?? {})) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await symlink(target, join(root, path))
  }
  await mkdir(join(root, tree.cwd), { recursive: true })
}
