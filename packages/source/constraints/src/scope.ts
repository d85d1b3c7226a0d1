import picomatch from 'picomatch'

export type PathTest = (path: string) => boolean

/** Paths inside a constraint's reach: in its scope and not excepted. `.` files match too. */
export function scopeTest(constraint: { readonly scope: readonly string[]; readonly except: readonly string[] }): PathTest {
  const isIn = globTest(constraint.scope)
  if (constraint.except.length === 0) return isIn
  const isOut = globTest(constraint.except)
  return (path) => isIn(path) && !isOut(path)
}

const compiled = new Map<string, PathTest>()
const mostCompiled = 5_000

/** Matches any of the globs. Compiling one costs more than a thousand matches, so tests are kept. */
export function globTest(globs: readonly string[]): PathTest {
  const key = globs.join('\n')
  const known = compiled.get(key)
  if (known !== undefined) return known
  if (compiled.size >= mostCompiled) compiled.clear()
  const test: PathTest = picomatch([...globs], { dot: true })
  compiled.set(key, test)
  return test
}

export function leavesTree(glob: string): boolean {
  return /^(?:\/|[A-Za-z]:|~)|(?:^|\/)\.\.(?:\/|$)|\\/.test(glob)
}

/** The folder that a glob names before its first wildcard: `packages/a/**` → `packages/a`; `**` → ``. */
export function globBase(glob: string): string {
  const segments = glob.replace(/^\.\//, '').split('/')
  const wild = segments.findIndex((segment) => /[*?[\]{}()!+@]/.test(segment))
  return segments.slice(0, wild === -1 ? segments.length - 1 : wild).join('/')
}

/** The files under a folder, of a sorted list: a slice found by bisection, so that a scope is not tried on the whole tree. */
export function filesUnder(sortedFiles: readonly string[], folder: string): readonly string[] {
  if (folder === '') return sortedFiles
  return sortedFiles.slice(firstAtOrAfter(sortedFiles, `${folder}/`), firstAtOrAfter(sortedFiles, `${folder}0`))
}

/** `0` is the code unit after `/`, so that `folder0` bounds everything that starts with `folder/`. */
function firstAtOrAfter(sorted: readonly string[], text: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') < text) low = middle + 1
    else high = middle
  }
  return low
}
