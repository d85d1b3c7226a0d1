import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { buildPackage } from '../../packages/dev/packaging/src/index.ts'

/** The program as people install it, with the dependencies that this workspace has anyway; the path of its `cox`. */
export async function installPackage(root: string, out: string): Promise<string> {
  await buildPackage({ root, out })
  for (const folder of roomFolders(root)) {
    for (const name of dependenciesIn(join(folder, 'node_modules'))) {
      const link = join(out, 'node_modules', name)
      if (existsSync(link)) continue
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(realpathSync(join(folder, 'node_modules', name)), link)
    }
  }
  return join(out, 'dist/main.js')
}

function roomFolders(root: string): string[] {
  return readdirSync(join(root, 'packages')).flatMap((layer) =>
    readdirSync(join(root, 'packages', layer)).map((room) => join(root, 'packages', layer, room)),
  )
}

function dependenciesIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.') && name !== '@coxswain')
    .flatMap((name) => (name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name]))
}
