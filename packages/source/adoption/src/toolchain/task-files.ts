import { gateNames, type GateName, type ProposedGate, type ProposedSetup, type Toolchain, type Tree } from './toolchain.ts'

const targetsFor: Readonly<Record<GateName, readonly string[]>> = {
  test: ['test', 'tests', 'check'],
  typecheck: ['typecheck', 'type-check', 'types'],
  lint: ['lint'],
}
/** Never `install`, which by custom writes to the system. */
const setupTargets = ['setup', 'bootstrap', 'deps']

/** Targets of the Makefile that GNU make would read. */
export async function readMake(tree: Tree): Promise<Toolchain> {
  return readTaskFile(tree, { program: 'make', files: ['GNUmakefile', 'makefile', 'Makefile'], namesIn: makeTargets })
}

/** Recipes of a justfile that need no arguments. */
export async function readJust(tree: Tree): Promise<Toolchain> {
  return readTaskFile(tree, { program: 'just', files: ['justfile', 'Justfile', '.justfile'], namesIn: justRecipes })
}

interface TaskFile {
  readonly program: string
  readonly files: readonly string[]
  readonly namesIn: (text: string) => ReadonlySet<string>
}

async function readTaskFile(tree: Tree, { program, files, namesIn }: TaskFile): Promise<Toolchain> {
  const from = files.find((file) => tree.has(file))
  const names = from === undefined ? new Set<string>() : namesIn((await tree.read(from)) ?? '')
  if (from === undefined) return { setup: null, gates: [], notes: [] }
  const gates = gateNames.flatMap((name): ProposedGate[] => {
    const target = targetsFor[name].find((one) => names.has(one))
    return target === undefined ? [] : [{ name, command: [program, target], from }]
  })
  const ready = setupTargets.find((one) => names.has(one))
  const setup: ProposedSetup | null = ready === undefined ? null : { command: [program, ready], keys: [from], from }
  return { setup, gates, notes: [] }
}

function makeTargets(text: string): Set<string> {
  const rules = text.replaceAll(/\\\r?\n/g, ' ').matchAll(/^([A-Za-z0-9][^\s:=#$%]*(?: +[A-Za-z0-9][^\s:=#$%]*)*) *::?(?!=)/gm)
  return new Set([...rules].flatMap(([, names = '']) => names.split(' ')))
}

function justRecipes(text: string): Set<string> {
  const recipes = text.matchAll(/^@?([A-Za-z_][\w-]*)((?: +[*+$]*[\w-]+(?:=(?:'[^']*'|"[^"]*"|\S+))?)*) *:(?!=)/gm)
  const needsNothing = (parameters: string): boolean =>
    parameters.split(/ +(?=[*+$]*[\w-])/).every((one) => one.trim() === '' || one.includes('=') || one.trim().startsWith('*'))
  return new Set([...recipes].flatMap(([, name = '', parameters = '']) => (needsNothing(parameters) ? [name] : [])))
}
