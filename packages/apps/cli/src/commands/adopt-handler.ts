import process from 'node:process'
import { readEnvironment } from '@coxswain/host'
import { counted } from '@coxswain/kernel'
import type { Adoption } from '@coxswain/daemon'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'
import { refuseInsideRun } from '../inside-run.ts'

export async function adopt(this: CliContext, flags: CommonFlags & { readonly force?: boolean }, former?: string): Promise<void> {
  await present(this, flags, async () => {
    refuseInsideRun()
    const { adoptRepository } = await import('@coxswain/daemon')
    const folder = flags.directory ?? process.cwd()
    const environment = readEnvironment()
    const adoption = await adoptRepository({ folder, environment, former: former ?? null, isForced: flags.force ?? false })
    return { json: adoption, text: describe(adoption) }
  })
}

function describe({ id, gitDir, from, runs, lacking, setAside, isRefusedThere }: Adoption): string {
  if (from === null) return `${gitDir} is ${id} already; nothing was changed`
  return [
    `${gitDir} is ${id} from now on, with ${counted(runs, 'run')}; \`cox up\` goes on with them`,
    ...(isRefusedThere ? [`${from} is refused from now on`] : []),
    ...(setAside === null ? [] : [`what was done here before stays in ${setAside} and is not shown any more`]),
    ...(lacking.length === 0
      ? []
      : [
          `the work of ${lacking.join(', ')} is not in this repository: bring it (git fetch <where it is> '+refs/heads/cox/*:refs/heads/cox/*'), or \`cox rework\` starts anew`,
        ]),
  ].join('\n')
}
