import { lazySchema, pathAsWord, type FileFacts } from '@coxswain/facts'
import { joinPath, type Workspace } from '@coxswain/graph'
import type { z } from 'zod'
import picomatch from 'picomatch'
import { commandsHere } from './commands-here.ts'
import { defineRule, type RawFinding, type RuleContext } from '../rule.ts'

const options = lazySchema((z) =>
  z.strictObject({
    /** Where each package keeps its instructions, relative to the package. */
    agents: z.string().optional(),
    /** Globs of package folders that need one. */
    packages: z.array(z.string()).default(['**']),
    commands: z.boolean().default(true),
    links: z.boolean().default(true),
    /** Whether instructions must state the revision they describe. */
    revision: z.boolean().default(false),
  }),
)
type Options = z.infer<ReturnType<typeof options>>

export const docsExist = defineRule<Options>({
  id: 'docs-exist',
  why: 'Agents believe what documents say: a link or command that is gone costs a wrong turn in every run.',
  severity: 'warning',
  scope: 'file',
  exclude: ['**/CHANGELOG.md', '**/{fixtures,__fixtures__,test,tests,template,templates}/**', '**/.changeset/**'],
  options,
  check: (path, context) => {
    const facts = context.workspace.facts.get(path)
    if (facts?.kind === 'manifest') return missingAgents(path, context)
    if (facts?.document === undefined) return []
    return [
      ...(context.options.links ? brokenLinks(path, facts, context.workspace) : []),
      ...(context.options.commands ? brokenCommands(path, facts, context.workspace) : []),
      ...missingRevision(path, facts, context.options),
    ]
  },
})

function missingAgents(path: string, { workspace, options: { agents, packages } }: RuleContext<Options>): RawFinding[] {
  const node = workspace.packageOf(path)
  if (agents === undefined || node === null || !node.isMember || node.dir === '') return []
  const wanted = joinPath(node.dir, agents)
  if (workspace.facts.has(wanted) || !picomatch.isMatch(node.dir, [...packages])) return []
  const model = workspace.packages.map((other) => joinPath(other.dir, agents)).find((file) => workspace.facts.has(file))
  return [
    {
      file: node.dir,
      line: 1,
      column: 1,
      what: `${node.name ?? node.dir} has no ${agents}`,
      fix: [
        `Write ${wanted}: what the package is for, its entry (${workspace.entryOf(node) ?? 'none yet'}), its commands (${Object.keys(node.manifest.scripts).join(', ') || 'none'})${model === undefined ? '' : `; ${model} shows the form`}.`,
        `\`cox check ${pathAsWord(node.dir)} --rule docs-exist --fix\` writes a first version from the facts.`,
      ],
      anchor: `agents ${node.name ?? node.dir}`,
      rewrite: {
        edits: [],
        creations: [
          {
            file: wanted,
            text: draft(node.name ?? node.dir, workspace.entryOf(node), {
              dir: node.dir,
              file: wanted,
              scripts: Object.keys(node.manifest.scripts),
            }),
          },
        ],
      },
    },
  ]
}

interface Draft {
  readonly dir: string
  readonly file: string
  readonly scripts: readonly string[]
}

function draft(name: string, entry: string | null, { file, scripts }: Draft): string {
  const up = '../'.repeat(file.split('/').length - 1)
  const entryLines =
    entry === null ? [] : ['', '## Entry points', '', `- [${entry.slice(entry.lastIndexOf('/') + 1)}](${up}${entry})`]
  const commands =
    scripts.length === 0
      ? []
      : ['', '## Commands', '', '```sh', ...scripts.map((script) => `pnpm --filter ${name} ${script}`), '```']
  return [`# ${name}`, ...entryLines, ...commands, ''].join('\n')
}

function brokenLinks(path: string, facts: FileFacts, workspace: Workspace): RawFinding[] {
  const dir = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  return (facts.document?.links ?? []).flatMap(({ target, line, column }) => {
    const plain = decodePath(target.replace(/[#?].*$/, ''))
    if (plain === '' || /^[a-z][a-z0-9+.-]*:|^[/#<{]|[{}<>$*]/i.test(target) || !/[./]/.test(plain)) return []
    if (climbsOut(dir, plain)) return []
    const resolved = joinPath(dir, plain)
    if (exists(resolved, workspace) || isRoute(path, plain)) return []
    const near = nearest(plain, workspace)
    return [
      {
        file: path,
        line,
        column,
        what: `Links to ${target}, which does not exist`,
        fix: [
          near === null
            ? 'Remove the link, or write the document it promises.'
            : `Link to ${relativeTo(dir, near)}: the only ${plain.slice(plain.lastIndexOf('/') + 1)} of this repository.`,
          'If the target was renamed, say the new name; if its content is gone, delete the sentence too.',
        ],
        anchor: `link ${target}`,
      },
    ]
  })
}

/** Pages of a documentation site link to routes, not to files. */
function isRoute(path: string, target: string): boolean {
  return (
    (!/\.\w{1,5}$/.test(target) || target.endsWith('.html')) &&
    /(?:^|\/)(?:docs?|website|content|site|www|apps|pages)\//.test(path)
  )
}

function climbsOut(dir: string, target: string): boolean {
  let depth = dir === '' ? 0 : dir.split('/').length
  for (const part of target.split('/')) {
    if (part === '..') depth--
    else if (part !== '.' && part !== '') depth++
    if (depth < 0) return true
  }
  return false
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a stray percent sign is part of the name
  }
}

const folders = new WeakMap<object, Set<string>>()

function exists(path: string, workspace: Workspace): boolean {
  if (
    path === '' ||
    workspace.facts.has(path) ||
    ['.md', '.mdx', '/index.md', '/README.md', '.ts'].some((tail) => workspace.facts.has(path + tail))
  )
    return true
  let known = folders.get(workspace)
  if (known === undefined) {
    known = new Set()
    for (const file of workspace.facts.keys())
      for (let at = file.indexOf('/'); at !== -1; at = file.indexOf('/', at + 1)) known.add(file.slice(0, at))
    folders.set(workspace, known)
  }
  return known.has(path)
}

function nearest(target: string, workspace: Workspace): string | null {
  const base = target.slice(target.lastIndexOf('/') + 1)
  if (/^(?:readme|index|license)\b/i.test(base) || base === '') return null
  const same = [...workspace.facts.keys()].filter((path) => path.endsWith(`/${base}`) || path === base)
  return same.length === 1 ? (same[0] ?? null) : null
}

function relativeTo(dir: string, path: string): string {
  const [from, to] = [dir === '' ? [] : dir.split('/'), path.split('/')]
  let shared = 0
  while (shared < from.length && from[shared] === to[shared]) shared++
  const climbed = '../'.repeat(from.length - shared) + to.slice(shared).join('/')
  return encodeURI(climbed.startsWith('.') ? climbed : `./${climbed}`)
}

const ownCommands = new Set([
  'install',
  'i',
  'add',
  'remove',
  'exec',
  'dlx',
  'create',
  'init',
  'publish',
  'pack',
  'link',
  'update',
  'up',
  'why',
  'list',
  'ls',
  'audit',
  'outdated',
  'run',
  'config',
  'store',
  'import',
  'patch',
  'deploy',
  'fetch',
  'rebuild',
  'prune',
  'ci',
  'test',
  't',
  'start',
  'login',
  'view',
  'version',
  'info',
  'uninstall',
  'x',
  'npx',
  'cache',
  'set',
  'workspaces',
  'workspace',
  'node',
  'up',
  'dedupe',
  'changeset',
  'turbo',
  'nx',
  'tsx',
  'vitest',
  'tsc',
  'eslint',
  'bin',
  'root',
  'env',
  'self-update',
  'upgrade',
  'help',
  'global',
  'approve-builds',
  'licenses',
  'server',
  'setup',
  'unlink',
])

/** Commands that name a script: `pnpm --filter <package> <script>`, `npm run <script>`. */
function brokenCommands(path: string, facts: FileFacts, workspace: Workspace): RawFinding[] {
  const dir = path.slice(0, Math.max(0, path.lastIndexOf('/')))
  const hasFolder = (folder: string): boolean =>
    exists(joinPath(dir, folder), workspace) || exists(joinPath('', folder), workspace)
  return commandsHere(facts.document?.commands ?? [], hasFolder).flatMap(({ text, line }) => {
    const call = parseCommand(text)
    if (call === null) return []
    const node = call.filter === null ? workspace.packageOf(path) : (workspace.packageByName.get(call.filter) ?? null)
    const root = workspace.packages.find((entry) => entry.dir === '') ?? null
    if (node === null)
      return call.filter === null || /[*.{]/.test(call.filter)
        ? []
        : [
            {
              file: path,
              line,
              column: 1,
              what: `\`${text}\` names package ${call.filter}, which does not exist`,
              fix: [`Name one of this repository’s packages, or remove the command.`],
              anchor: `command ${text}`,
            },
          ]
    if (
      call.script === null ||
      node.manifest.scripts[call.script] !== undefined ||
      (call.filter === null && root?.manifest.scripts[call.script] !== undefined)
    )
      return []
    if (!call.isSure) return []
    const known = Object.keys(node.manifest.scripts)
    return [
      {
        file: path,
        line,
        column: 1,
        what: `\`${text}\` runs script ${call.script}, which ${node.name ?? 'this package'} does not have`,
        fix: [
          `Write one of its scripts: ${known.slice(0, 8).join(', ') || 'it has none'}.`,
          `Or add ${call.script} to ${node.dir === '' ? '' : `${node.dir}/`}package.json, if it should exist.`,
        ],
        anchor: `command ${text}`,
      },
    ]
  })
}

interface Call {
  readonly filter: string | null
  readonly script: string | null
  /** Whether the word can only be a script: not a program or a command of the package manager. */
  readonly isSure: boolean
}

function parseCommand(text: string): Call | null {
  const words = text.replace(/\s+#.*$/, '').split(/\s+/)
  const manager = words.shift()
  if (manager !== 'pnpm' && manager !== 'npm' && manager !== 'yarn' && manager !== 'bun') return null
  let filter: string | null = null
  while (words[0]?.startsWith('-') === true) {
    const flag = words.shift() ?? ''
    if (flag === '--filter' || flag === '-F' || flag === '-w' || flag === '-C' || flag === '--prefix' || flag === '--cwd')
      filter = words.shift() ?? ''
    else if (flag.startsWith('--filter=')) filter = flag.slice('--filter='.length)
    else if (flag !== '-r' && flag !== '--silent' && flag !== '-s') return null
  }
  if (manager === 'yarn' && words[0] === 'workspace') [, filter = null] = words.splice(0, 2)
  const isRun = words[0] === 'run' || words[0] === 'run-script'
  if (isRun) words.shift()
  const script = words[0] ?? null
  if (script === null || /[<>[\]$|&;{}"'`]/.test(script) || script.startsWith('-') || !/^[\w:@/.-]+$/.test(script)) return null
  if (isRun && /[/.]/.test(script)) return null
  if (!isRun && (manager === 'npm' || manager === 'bun' || ownCommands.has(script))) return null
  return { filter, script, isSure: isRun || filter !== null }
}

function missingRevision(path: string, facts: FileFacts, { agents, revision }: Options): RawFinding[] {
  if (!revision || agents === undefined || !path.endsWith(`/${agents}`) || facts.document?.revision !== undefined) return []
  return [
    {
      file: path,
      line: 1,
      column: 1,
      what: 'Does not state the revision it describes',
      fix: ['Add a line `revision: <commit>` with the commit at which each sentence was last checked.'],
      anchor: 'revision',
    },
  ]
}
