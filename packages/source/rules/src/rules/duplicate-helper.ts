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
      const home = copies.length === 0 ? null : chooseHome([path, ...copies], context)
      if (home === null || home.path === path) return []
      return [
        {
          file: path,
          line: entry.line,
          column: 1,
          what: `${entry.name} (${entry.lines} lines) is also in ${copies.slice(0, 3).join(', ')}${copies.length > 3 ? ` and ${copies.length - 3} more` : ''}`,
          fix: [home.advice(entry.name), `If they only look alike and will part ways, name them after what differs.`],
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
  readonly advice: (name: string) => string
}

/** A copy in a package that everyone may import stays; without one, all of them move to such a package. */
function chooseHome(files: readonly string[], context: RuleContext<Options>): Home {
  const { architecture, workspace } = context
  const shared = files.filter((file) => architecture.placeOf(file).isProvider).toSorted()[0]
  if (shared !== undefined)
    return {
      path: shared,
      advice: (name) => `Delete this copy and import ${name} from ${nameOf(workspace, shared)} (${shared}).`,
    }
  const isOnePackage = new Set(files.map((file) => workspace.packageOf(file))).size === 1
  const first = files.toSorted()[0] ?? ''
  if (isOnePackage) return { path: first, advice: (name) => `Export ${name} from ${first}, import it here and delete this copy.` }
  const provider = workspace.packages.find(
    (node) =>
      node.name !== null &&
      architecture.placeOf(`${node.dir}/package.json`).isProvider &&
      /concurren|shared|core|result|kernel/.test(node.dir),
  )
  return {
    path: null,
    advice: (name) =>
      `Keep one ${name}: move it to ${provider?.name ?? 'a package both may import'}, import it here and in the other places, and delete the copies.`,
  }
}
