import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import type { TriedToolchain } from '@coxswain/adoption'
import { atomicWrite, openRepository, type Repository } from '@coxswain/host'
import { unsavedFiles } from '../unsaved-files.ts'
import { counted, CoxError } from '@coxswain/kernel'
import { configPath, configText } from '@coxswain/steering'
import { plain } from '@coxswain/terminal'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags, type Output } from '../common-flags.ts'
import { describeProposal, renderProposal } from './init-proposal.ts'

interface InitFlags extends CommonFlags {
  readonly print?: boolean
  readonly try: boolean
  readonly fromExisting?: boolean
  readonly write?: boolean
  readonly moveSections?: boolean
}

export async function init(this: CliContext, flags: InitFlags): Promise<void> {
  await present(this, flags, async () => {
    if (flags.fromExisting) return propose(flags)
    const repository = await openRepository(flags.directory ?? process.cwd())
    if (repository.isBare)
      throw new CoxError('REPOSITORY_BARE', `${repository.root} is a bare repository`, {
        hint: 'Run this in a worktree of it, or in a clone.',
      })
    const file = join(repository.root, configPath)
    if (existsSync(file) && !flags.print)
      return { json: { path: configPath, written: false }, text: `${configPath} is there already; nothing was changed` }
    const say = (line: string): void => this.process.stderr.write(`${plain(line)}\n`)
    const tried = await proposeCommands(repository, { ...flags, say })
    const content = configText(describeProposal(tried))
    if (flags.print) return { json: { path: configPath, content, ...tried }, text: content.trimEnd() }
    await mkdir(join(repository.root, 'harness'), { recursive: true })
    await atomicWrite(file, content)
    return { json: { path: configPath, written: true, ...tried }, text: renderProposal(tried) }
  })
}

async function proposeCommands(
  repository: Repository,
  { print = false, try: isToBeTried, say }: Pick<InitFlags, 'print' | 'try'> & { readonly say: (line: string) => void },
): Promise<TriedToolchain> {
  const { proposeToolchain, untried } = await import('@coxswain/adoption')
  const proposal = await proposeToolchain(repository.root)
  if (print || !isToBeTried) return untried(proposal, print ? 'this only prints' : '--no-try was given')
  const { tryProposal } = await import('../try-proposal.ts')
  return tryProposal(proposal, { repository, say })
}

/** The smallest useful harness for what is there, as one change that a person reviews. */
async function propose(flags: InitFlags): Promise<Output> {
  const { planInit, renderInit } = await import('@coxswain/adoption')
  const { renderChange } = await import('@coxswain/delivery')
  const { sourceRoot } = await import('@coxswain/constraints')
  const root = sourceRoot(flags.directory ?? process.cwd())
  const plan = await planInit(root, { movesSections: flags.moveSections ?? false })
  if (!flags.write) {
    const diffs = plan.files.map((file) => renderChange({ path: file.path, before: file.before, after: file.after }))
    const closing = plan.files.length === 0 ? 'Nothing to write.' : 'Nothing was written; --write does.'
    return { json: plan, text: [...diffs, `${renderInit(plan)}${closing}`].join('\n') }
  }
  await refuseUnsaved(root, plan.files)
  for (const file of plan.files) {
    await mkdir(dirname(join(root, file.path)), { recursive: true })
    await writeFile(join(root, file.path), file.after)
  }
  return { json: { ...plan, undo: undo(plan.files) }, text: `${renderInit(plan)}${written(plan.files)}` }
}

interface Written {
  readonly path: string
  readonly before: string | null
}

/** What git does not hold could not be brought back. */
async function refuseUnsaved(root: string, files: readonly Written[]): Promise<void> {
  const changed = files.filter(({ before }) => before !== null).map(({ path }) => path)
  const unsaved = changed.length === 0 ? [] : await unsavedFiles(root, changed)
  const [first] = unsaved
  if (first !== undefined)
    throw new CoxError('CHANGES_UNSAVED', `${first} has changes that git does not hold, and --write would change it`, {
      hint: 'Commit the file first: then one command takes the whole change back.',
      data: { files: unsaved },
    })
}

/** As commands for a shell: what was changed comes back from git, what is new goes. */
function undo(files: readonly Written[]): string {
  const quoted = (paths: readonly Written[]): string =>
    paths.map(({ path }) => `'${path.replaceAll("'", String.raw`'\\''`)}'`).join(' ')
  const changed = files.filter(({ before }) => before !== null)
  const added = files.filter(({ before }) => before === null)
  return [
    ...(changed.length === 0 ? [] : [`git checkout -- ${quoted(changed)}`]),
    ...(added.length === 0 ? [] : [`rm ${quoted(added)}`]),
  ].join(' && ')
}

function written(files: readonly Written[]): string {
  if (files.length === 0) return 'Nothing to write.'
  const hasChecks = files.some(({ path }) => path.startsWith('harness/'))
  const next = hasChecks ? '; `cox check` shows what the new checks find' : ''
  return `${counted(files.length, 'file')} written, uncommitted: review them with git status and git diff${next}\nundo: ${undo(files)}`
}
