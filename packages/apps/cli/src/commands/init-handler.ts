import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { atomicWrite, openRepository } from '@coxswain/host'
import { counted, CoxError } from '@coxswain/kernel'
import { configPath, configTemplate } from '@coxswain/steering'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags, type Output } from '../common-flags.ts'

interface InitFlags extends CommonFlags {
  readonly print?: boolean
  readonly fromExisting?: boolean
  readonly write?: boolean
}

export async function init(this: CliContext, flags: InitFlags): Promise<void> {
  await present(this, flags, async () => {
    if (flags.fromExisting) return propose(flags)
    if (flags.print) return { json: { path: configPath, content: configTemplate }, text: configTemplate.trimEnd() }
    const repository = await openRepository(flags.directory ?? process.cwd())
    if (repository.isBare)
      throw new CoxError('REPOSITORY_BARE', `${repository.root} is a bare repository`, {
        hint: 'Run this in a clone with a working tree.',
      })
    const file = join(repository.root, configPath)
    if (existsSync(file))
      return { json: { path: configPath, written: false }, text: `${configPath} is there already; nothing was changed` }
    await mkdir(join(repository.root, 'harness'), { recursive: true })
    await atomicWrite(file, configTemplate)
    return {
      json: { path: configPath, written: true },
      text: `${configPath} written. Set \`gates\` to what proves a change (such as your tests), then: cox run "…"`,
    }
  })
}

/** The smallest useful harness for what is there, as one change that a person reviews. */
async function propose(flags: InitFlags): Promise<Output> {
  const { planInit, renderInit } = await import('@coxswain/adoption')
  const { renderChange } = await import('@coxswain/delivery')
  const { sourceRoot } = await import('@coxswain/constraints')
  const root = sourceRoot(flags.directory ?? process.cwd())
  const plan = await planInit(root)
  if (!flags.write) {
    const diffs = plan.files.map((file) => renderChange({ path: file.path, before: file.before, after: file.after }))
    const closing = plan.files.length === 0 ? 'Nothing to write.' : 'Nothing was written; --write does.'
    return { json: plan, text: [...diffs, `${renderInit(plan)}${closing}`].join('\n') }
  }
  for (const file of plan.files) {
    await mkdir(dirname(join(root, file.path)), { recursive: true })
    await writeFile(join(root, file.path), file.after)
  }
  return { json: plan, text: `${renderInit(plan)}${written(plan.files)}` }
}

function written(files: readonly { readonly path: string }[]): string {
  if (files.length === 0) return 'Nothing to write.'
  const hasChecks = files.some(({ path }) => path.startsWith('harness/'))
  const next = hasChecks ? '; `cox check` shows what the new checks find' : ''
  return `${counted(files.length, 'file')} written, uncommitted: review them with git status and git diff${next}`
}
