import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { atomicWrite, openRepository } from '@coxswain/host'
import { CoxError } from '@coxswain/kernel'
import { configPath, configTemplate } from '@coxswain/steering'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'

export async function init(this: CliContext, flags: CommonFlags & { readonly print?: boolean }): Promise<void> {
  await present(this, flags, async () => {
    if (flags.print) return { json: { path: configPath, content: configTemplate }, text: configTemplate.trimEnd() }
    const repository = await openRepository(flags.directory ?? process.cwd())
    if (repository.isBare) throw new CoxError('REPOSITORY_BARE', `${repository.root} is a bare repository`, { hint: 'Run this in a clone with a working tree.' })
    const file = join(repository.root, configPath)
    if (existsSync(file)) return { json: { path: configPath, written: false }, text: `${configPath} is there already; nothing was changed` }
    await mkdir(join(repository.root, 'harness'), { recursive: true })
    await atomicWrite(file, configTemplate)
    return { json: { path: configPath, written: true }, text: `${configPath} written. Set \`gates\` to what proves a change (such as your tests), then: cox run "…"` }
  })
}
