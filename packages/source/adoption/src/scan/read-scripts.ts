import { join } from 'node:path'
import { readText } from '@coxswain/constraints'
import { mapLimit } from '@coxswain/kernel'
import { z } from 'zod'

export interface Scripts {
  /** Scripts of the root's package.json. */
  readonly names: ReadonlySet<string>
  /** Scripts of any package.json. */
  readonly everywhere: ReadonlySet<string>
  /** What `pnpm <name>` may run besides: dependencies, by the last part of their names. */
  readonly programs: ReadonlySet<string>
}

const strings = z.record(z.string(), z.unknown()).catch({})
const PackageFile = z.object({ scripts: strings, dependencies: strings, devDependencies: strings }).partial().catch({})

export async function readScripts(root: string, files: readonly string[]): Promise<Scripts> {
  const packages = files.filter((file) => /(?:^|\/)package\.json$/.test(file) && !/(?:^|\/)(?:fixtures?|templates?)\//.test(file))
  const read = await mapLimit(packages, 16, async (file) => ({ file, parsed: PackageFile.parse(await jsonOf(join(root, file))) }))
  const rootPackage = read.find((one) => one.file === 'package.json')?.parsed
  const dependencies = read.flatMap(({ parsed }) => [...keys(parsed.dependencies), ...keys(parsed.devDependencies)])
  return {
    names: new Set(keys(rootPackage?.scripts)),
    everywhere: new Set(read.flatMap(({ parsed }) => keys(parsed.scripts))),
    programs: new Set(dependencies.map((name) => name.split('/').at(-1) ?? name)),
  }
}

async function jsonOf(path: string): Promise<unknown> {
  const read = await readText(path)
  try {
    return read?.kind === 'text' ? JSON.parse(read.text) : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

function keys(value: Readonly<Record<string, unknown>> | undefined): string[] {
  return Object.keys(value ?? {})
}
