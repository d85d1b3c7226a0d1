import { checksOf, compareText, errorAt, warningAt, type Constraint, type Problem } from '@coxswain/constraints'
import { counted } from '@coxswain/kernel'
import { agentsSurface } from './agents-surface.ts'
import type { Target } from './compile-config.ts'
import { hasProse } from './place-constraints.ts'
import { hooksSurface } from './hook-surfaces.ts'
import type { Lean } from './read-by.ts'
import { indexFile, indexSurface, messagesSurface, reviewSurface, skillsSurface } from './record-surfaces.ts'
import { claudeSurface, copilotSurface, cursorSurface, geminiSurface } from './scoped-surfaces.ts'
import type { CompileInput, Degradation, Output, Surface } from './surface.ts'

export interface PlannedOutputs {
  /** Sorted by path; one per path. */
  readonly outputs: readonly Output[]
  /** In the order in which they are followed. */
  readonly leans: readonly Lean[]
  readonly degradations: readonly Degradation[]
  readonly problems: readonly Problem[]
}

const surfaces: Readonly<Record<Target, (input: CompileInput) => Surface>> = {
  agents: agentsSurface,
  claude: claudeSurface,
  cursor: cursorSurface,
  copilot: copilotSurface,
  gemini: geminiSurface,
  skills: skillsSurface,
  messages: messagesSurface,
  review: reviewSurface,
  hooks: hooksSurface,
  index: indexSurface,
}

/** Every file that the constraints want, before looking at what stands there. Pure: the same input gives the same bytes. */
export function planOutputs(input: CompileInput): PlannedOutputs {
  const chosen = new Map(input.config.targets.map((target) => [target, surfaces[target](input)]))
  const leans = [...chosen.values()].flatMap((surface) => surface.leans ?? [])
  const full = [...chosen.values()].flatMap(({ left, outputs: [first] }) =>
    left.length === 0 || first === undefined ? [] : [{ from: first.path, to: indexFile }],
  )
  const left = [...new Set([...chosen.values()].flatMap((surface) => surface.left.map((line) => line.id)))].toSorted(compareText)
  if (left.length > 0 && !chosen.has('index')) chosen.set('index', indexSurface(input))
  const outputs = [...chosen.values()].flatMap((surface) => surface.outputs).toSorted((a, b) => compareText(a.path, b.path))
  const degradations = [...[...chosen.values()].flatMap((surface) => surface.declared), ...undelivered(input)]
  const { unique, problems } = onePerPath(outputs)
  return {
    outputs: unique,
    leans: [...leans, ...full],
    degradations,
    problems: [...problems, ...fullRoot(left, input), ...input.constraints.flatMap(repeatedProse)],
  }
}

/** The one target that carries a rung; prose and checks reach somebody whatever is chosen. */
const carriers = [
  { rung: 'hook', target: 'hooks' },
  { rung: 'skill', target: 'skills' },
  { rung: 'review', target: 'review' },
] as const

/** Rungs that reach nobody, because what carries them is not among the targets. */
function undelivered({ constraints, config }: CompileInput): Degradation[] {
  return carriers.flatMap(({ rung, target }) => {
    const ids = constraints.filter(({ rungs }) => rungs.some((one) => rung in one)).map(({ id }) => id)
    const reason = `the rung \`${rung}\` reaches nobody: add \`${target}\` to \`targets\` in harness/compile.yaml`
    return ids.length === 0 || config.targets.includes(target) ? [] : [{ target, ids, reason }]
  })
}

function onePerPath(outputs: readonly Output[]): { readonly unique: Output[]; readonly problems: Problem[] } {
  const byPath = new Map<string, Output>()
  const problems: Problem[] = []
  for (const output of outputs) {
    const known = byPath.get(output.path)
    if (known === undefined) byPath.set(output.path, output)
    else if (known.text !== output.text)
      problems.push(
        errorAt(
          { file: output.path, line: 1 },
          'OUTPUT_TWICE',
          `The targets ${known.target} and ${output.target} both write ${output.path}`,
          'Drop one target.',
        ),
      )
  }
  return { unique: [...byPath.values()], problems }
}

function fullRoot(left: readonly string[], input: CompileInput): Problem[] {
  if (left.length === 0) return []
  const message = `${counted(left.length, 'constraint')} found no room in the root's ${input.config.rootLines} lines: ${left.slice(0, 8).join(', ')}${left.length > 8 ? ', …' : ''}`
  return [
    warningAt(
      { file: 'AGENTS.md', line: 1 },
      'ROOT_FULL',
      message,
      'Move them to a check or a narrower `path` scope; until then they stand in docs/constraints.md alone.',
    ),
  ]
}

/** Prose that an enforced check already says pays rent for nothing. */
function repeatedProse(constraint: Constraint): Problem[] {
  if (constraint.severity !== 'error' || checksOf(constraint).length === 0 || !hasProse(constraint)) return []
  const message = `\`${constraint.id}\` is enforced by its check, and its prose costs tokens on every run`
  return [
    warningAt(
      { file: constraint.file, line: 2 },
      'PROSE_REPEATS_CHECK',
      message,
      'Delete the `root` and `path` rungs: the check says the same when it matters.',
    ),
  ]
}
