import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { must } from './sample.ts'

/**
 * The program as people install it, with the dependencies that this workspace has anyway; the path of its `cox`.
 * Another process builds it: this one's memory is measured.
 */
export function installPackage(root: string, folder: string): string {
  must(process.execPath, [join(root, 'packages/dev/packaging/src/main.ts'), '--out', folder])
  const out = join(folder, 'package')
  for (const room of roomFolders(root)) {
    for (const name of dependenciesIn(join(room, 'node_modules'))) {
      const link = join(out, 'node_modules', name)
      if (existsSync(link)) continue
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(realpathSync(join(room, 'node_modules', name)), link)
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
