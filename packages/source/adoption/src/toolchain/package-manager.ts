import { z } from 'zod'
import type { Tree } from './toolchain.ts'

export type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun'

export interface PackageManager {
  readonly name: ManagerName
  /** Yarn from version 2 on, whose options are others. */
  readonly isBerry: boolean
  /** The lockfile that is committed, or null. */
  readonly lockfile: string | null
  /** Others that lie beside it. */
  readonly ignoredLockfiles: readonly string[]
}

/** A package with what installs it. */
export interface NodeProject {
  /** '' for the root, else with a slash at its end. */
  readonly folder: string
  readonly manager: PackageManager
  readonly manifest: unknown
}

const lockfiles: Readonly<Record<ManagerName, readonly string[]>> = {
  pnpm: ['pnpm-lock.yaml'],
  yarn: ['yarn.lock'],
  bun: ['bun.lock', 'bun.lockb'],
  npm: ['npm-shrinkwrap.json', 'package-lock.json'],
}

const Named = z.looseObject({
  packageManager: z.string().optional().catch(undefined),
  devEngines: z
    .looseObject({
      packageManager: z.looseObject({ name: z.string(), version: z.string().optional() }).optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
})

/** What `packageManager` names, else what the lockfile is of, else npm. `folder` is '' or ends with a slash. */
export async function findPackageManager(tree: Tree, folder: string, manifest: unknown): Promise<PackageManager> {
  const named = managerNamed(manifest)
  const there = (Object.keys(lockfiles) as ManagerName[]).flatMap((name) =>
    lockfiles[name].filter((file) => tree.has(folder + file)).map((file) => ({ name, file })),
  )
  const name = named?.name ?? there[0]?.name ?? (tree.has(`${folder}pnpm-workspace.yaml`) ? 'pnpm' : 'npm')
  const lockfile = there.find((lock) => lock.name === name)?.file ?? null
  return {
    name,
    isBerry: name === 'yarn' && (named?.major === undefined ? await isBerry(tree, folder) : named.major >= 2),
    lockfile: lockfile === null ? null : folder + lockfile,
    ignoredLockfiles: there.filter(({ file }) => file !== lockfile).map(({ file }) => folder + file),
  }
}

function managerNamed(manifest: unknown): { readonly name: ManagerName; readonly major: number | undefined } | null {
  const { data } = Named.safeParse(manifest)
  const engine = data?.devEngines?.packageManager
  const text =
    data?.packageManager ?? (engine === undefined ? '' : `${engine.name}@${(engine.version ?? '').replace(/^[^\d]+/, '')}`)
  const [, name, version = ''] = /^(npm|pnpm|yarn|bun)(?:@(.*))?$/s.exec(text) ?? []
  if (name === undefined) return null
  const major = /^\d+/.exec(version)?.[0]
  return { name: name as ManagerName, major: major === undefined ? undefined : Number(major) }
}

async function isBerry(tree: Tree, folder: string): Promise<boolean> {
  if (tree.has(`${folder}.yarnrc.yml`)) return true
  return /^__metadata:/m.test((await tree.read(`${folder}yarn.lock`)) ?? '')
}

const settings = ['.npmrc', '.yarnrc', '.yarnrc.yml', '.pnpmfile.cjs', 'bunfig.toml', 'pnpm-workspace.yaml']

/** The files that decide what an install brings. */
export function installKeys(tree: Tree, folder: string, { lockfile }: PackageManager): string[] {
  const others = ['package.json', ...settings].map((file) => folder + file).filter((file) => tree.has(file))
  return lockfile === null ? others : [lockfile, ...others]
}

/** Installs exactly what the lockfile says, and writes none where there is none. `folder` is '' or ends with a slash. */
export function installCommand({ name, isBerry: berry, lockfile }: PackageManager, folder: string): string[] {
  const isLocked = lockfile !== null
  const arguments_: Readonly<Record<ManagerName, readonly string[]>> = {
    npm: isLocked ? ['ci'] : ['install', '--no-package-lock'],
    pnpm: ['install', isLocked ? '--frozen-lockfile' : '--no-lockfile'],
    yarn: ['install', ...(berry ? (isLocked ? ['--immutable'] : []) : [isLocked ? '--frozen-lockfile' : '--no-lockfile'])],
    bun: ['install', isLocked ? '--frozen-lockfile' : '--no-save'],
  }
  return [name, ...inFolder(name, folder), ...arguments_[name]]
}

/** `bun test` is bun's own runner, so that a script is always named with `run`; the others know `test`. */
export function scriptCommand({ name }: PackageManager, folder: string, script: string): string[] {
  const isShort = script === 'test' && name !== 'bun'
  return [name, ...inFolder(name, folder), ...(isShort ? ['test'] : ['run', script])]
}

/** A program that the packages bring, never one fetched for it. */
export function programCommand({ name }: PackageManager, folder: string, program: readonly string[]): string[] {
  const before: Readonly<Record<ManagerName, readonly string[]>> = {
    npm: ['npm', ...inFolder('npm', folder), 'exec', '--no', '--'],
    pnpm: ['pnpm', ...inFolder('pnpm', folder), 'exec'],
    yarn: ['yarn', ...inFolder('yarn', folder), 'run'],
    bun: ['bun', ...inFolder('bun', folder), 'run'],
  }
  return [...before[name], ...program]
}

function inFolder(name: ManagerName, folder: string): string[] {
  if (folder === '') return []
  const flag: Readonly<Record<ManagerName, string>> = { npm: '--prefix', pnpm: '--dir', yarn: '--cwd', bun: '--cwd' }
  return [flag[name], folder.slice(0, -1)]
}
