import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { findProgram, readEnvironment, stateBase, type DriverCall } from '@coxswain/host'
import { mapLimit } from '@coxswain/kernel'
import { quoteForShell } from './driver-line.ts'

/** One program and plain words: nothing that a shell expands, joins or assigns. */
const plainLine = /^(?:"([^"$`\\]+)"|'([^']+)'|([^\s"'$`\\;&|<>(){}*?~#!=[\]]+))((?: +[\w%./:,+@=-]+)*) *$/

/** What looks for code where it is started, or runs what its words say. Versions are cut off. */
const loaders = new Set(
  `ash bash bun bunx bundle busybox cargo cmake command corepack dash deno direnv docker doas dotnet env eslint eslint_d eval exec fish git gmake go
  gradle groovy irb java jq julia jupyter just kotlin ksh lua luajit make mise mix mvn nice ninja nix nix-shell node nodejs npm npx perl php pipx pnpm
  podman poetry prettier prettierd pylint pypy python rake rscript rubocop ruby sh source standardrb stylelint sudo task time timeout ts-node tsx uv uvx
  wish xargs yarn zsh`.split(/\s+/),
)

/**
 * The same line with its program by full path, where that is no command's to change and is not told what to do by what lies in the working tree: it
 * stands outside of the repository and of our state, takes no word that is a path there, and is none of those that load code from
 * where they are started. Null for any other, also where there is a doubt.
 */
export async function outsideProgram(line: string, call: DriverCall): Promise<string | null> {
  const [whole, ...groups] = plainLine.exec(line) ?? []
  if (whole === undefined) return null
  const [program = '', rest = ''] = [groups[0] ?? groups[1] ?? groups[2], groups[3]]
  const real = isLoader(program) ? null : await findOutside(program, call)
  if (real === null || isLoader(real)) return null
  const within = await foldersOf(call)
  const words = rest.split(/[ =:,]+/).filter((word) => word !== '' && !word.startsWith('%'))
  for (const word of words.flatMap((one) => [one, one.replace(/^--?/, ''), one.replace(/^-\w/, '')])) {
    const path = resolve(call.top, word)
    if (word !== '' && isWithin(path, within) && (await lstat(path).catch(() => null)) !== null) return null
  }
  return `${quoteForShell(real)}${rest}`
}

function isLoader(program: string): boolean {
  const name = basename(program).toLowerCase()
  return name === '.' || loaders.has(name.replace(/[\d.]+$/, ''))
}

/** Where a program stands, when no command of an agent's can have put it there. */
async function findOutside(program: string, call: DriverCall): Promise<string | null> {
  const found = program.startsWith('/') ? program : program.includes('/') ? null : await findProgram(program, call.environment)
  const real = found === null ? null : await realpath(found).catch(() => null)
  const within = await foldersOf(call)
  return found !== null && real !== null && !isWithin(found, within) && !isWithin(real, within) ? real : null
}

function isWithin(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => `${path}/`.startsWith(`${folder}/`))
}

/** What a command may have written to, by each of its names. */
async function foldersOf({ top, common }: DriverCall): Promise<readonly string[]> {
  const within = [top, common(), dirname(common()), stateBase(readEnvironment())]
  return [...within, ...(await mapLimit(within, 8, (folder) => realpath(folder).catch(() => folder)))]
}
