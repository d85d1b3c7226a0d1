import { lazySchema, type FunctionFact } from '@coxswain/facts'
import type { Workspace } from '@coxswain/graph'
import picomatch from 'picomatch'
import type { z } from 'zod'
import { meaningOf } from '../meaning/function-meaning.ts'
import { defineRule, type RuleContext } from '../rule.ts'
import { isTestFile, testFiles } from '../site-rule.ts'
import { nameOf } from './package-names.ts'

const options = lazySchema((z) => z.strictObject({ lines: z.number().int().min(6).default(8) }))
type Options = z.infer<ReturnType<typeof options>>

/** Whoever gets one of these gets it whole: it can import nothing from beside it. */
const copiedAsTheyAre = ['**/{template,templates,skills}/**']
const isCopiedAsItIs = picomatch(copiedAsTheyAre, { dot: true })

export const duplicateHelper = defineRule<Options>({
  id: 'duplicate-helper',
  why: 'A copied function is repaired in one place and stays broken in the others.',
  severity: 'warning',
  scope: 'file',
  exclude: [...testFiles, ...copiedAsTheyAre],
  options,
  check: (path, context) => {
    const facts = context.workspace.facts.get(path)
    if (facts?.kind !== 'source') return []
    return facts.functions.flatMap((entry) => {
      if (entry.hash === undefined || entry.lines < context.options.lines) return []
      const files = context.filesWithBody(entry.hash)
      if (files.length < 2) return []
      const others = files.filter((file) => file !== path && !isTestFile(file) && !isCopiedAsItIs(file)).toSorted()
      const copies = others.length === 0 ? [] : others.filter(hasSameMeaning(path, entry, context.workspace))
      const home = copies.length === 0 ? null : chooseHome({ files: [path, ...copies], path, entry }, context)
      if (home === null || home.path === path) return []
      return [
        {
          file: path,
          line: entry.line,
          column: 1,
          what: `${entry.name} (${entry.lines} lines) is also in ${copies.slice(0, 3).join(', ')}${copies.length > 3 ? ` and ${copies.length - 3} more` : ''}`,
          fix: [home.advice, `If they only look alike and will part ways, name them after what differs.`],
          anchor: `body ${entry.hash}`,
        },
      ]
    })
  },
})

/** Whether a file with the same text means the same by it: it may call other functions of the same names. */
function hasSameMeaning(path: string, entry: FunctionFact, workspace: Workspace): (file: string) => boolean {
  const own = meaningOf(workspace, path, entry)
  return (file) =>
    own !== null &&
    (workspace.facts.get(file)?.functions ?? []).some(
      (other) => other.hash === entry.hash && meaningOf(workspace, file, other) === own,
    )
}

interface Home {
  /** The copy that stays; null when it has to be made. */
  readonly path: string | null
  readonly advice: string
}

interface Copies {
  readonly files: readonly string[]
  /** Where the finding is told, and what stands there. */
  readonly path: string
  readonly entry: FunctionFact
}

/** The copy that others use stays, rather than one in a file that nobody imports; then one that is exported already. The same from each copy. */
function mostInUse(files: readonly string[], entry: FunctionFact, workspace: Workspace): string {
  const rank = (file: string): number => {
    const isUsed = workspace.isEntry(file) || workspace.importersOf(file).size > 0
    return (isUsed ? 0 : 2) + (exportsName(workspace, file, nameIn(workspace, file, entry)) ? 0 : 1)
  }
  return files.toSorted((left, right) => rank(left) - rank(right) || (left < right ? -1 : 1))[0] ?? ''
}

function nameIn(workspace: Workspace, file: string, { name, hash }: FunctionFact): string {
  const facts = workspace.facts.get(file)
  return (facts?.kind === 'source' && facts.functions.find((other) => other.hash === hash)?.name) || name
}

function exportsName(workspace: Workspace, file: string, name: string): boolean {
  const facts = workspace.facts.get(file)
  return facts?.kind === 'source' && facts.exports.some((one) => one.name === name && one.from === undefined)
}

/** A copy in a package that everyone may import stays; without one, all of them move to such a package. */
function chooseHome({ files, path, entry }: Copies, context: RuleContext<Options>): Home {
  const { architecture, workspace } = context
  const { name } = entry
  const away = exportsName(workspace, path, name) ? 'export it from here in place of this copy' : 'delete this copy'
  const shared = files.filter((file) => architecture.placeOf(file).isProvider).toSorted()[0]
  if (shared !== undefined)
    return { path: shared, advice: `Import ${name} from ${nameOf(workspace, shared)} (${shared}) and ${away}.` }
  const isOnePackage = new Set(files.map((file) => workspace.packageOf(file))).size === 1
  if (isOnePackage) {
    const home = mostInUse(files, entry, workspace)
    const theirs = nameIn(workspace, home, entry)
    const isOffered = exportsName(workspace, home, theirs)
    return {
      path: home,
      advice: isOffered
        ? `Import ${theirs} from ${home} and ${away}.`
        : `Export ${theirs} from ${home}, import it here and ${away}.`,
    }
  }
  const provider = workspace.packages.find(
    (node) =>
      node.name !== null &&
      architecture.placeOf(`${node.dir}/package.json`).isProvider &&
      /concurren|shared|core|result|kernel/.test(node.dir),
  )
  return {
    path: null,
    advice: `Keep one ${name}: move it to ${provider?.name ?? 'a package both may import'}, import it here and in the other places, and delete the copies.`,
  }
}
