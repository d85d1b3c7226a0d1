import { counted } from '@coxswain/kernel'
import type { InitPlan, SentenceRow } from './plan-init.ts'

/** What becomes of each sentence: what leaves first, with what was run; then what stays, and why. */
export function renderInit(plan: InitPlan): string {
  const leaving = plan.sentences.filter(({ outcome }) => outcome.kind !== 'kept')
  const sections = plan.sections.map((one) => `${one.file} "${one.heading}", ${counted(one.lines, 'line')}\n  → ${one.to}\n`)
  const partly = plan.partlyRead.map((file) => `partly read: ${file} computes its rules, and nothing here runs it\n`)
  const count = plan.files.filter(({ path }) => path.startsWith('harness/')).length
  if (!plan.hasInstructions && count === 0)
    return `${partly.join('')}no AGENTS.md, CLAUDE.md or other instructions to begin with: \`cox constraint new <id>\` writes a first constraint\n`
  const effect =
    plan.tokensBefore === plan.tokensAfter
      ? 'no sentence can leave the instructions with certainty'
      : `the instructions it touches shrink from ${plan.tokensBefore} to ${plan.tokensAfter} tokens at every start`
  return [
    ...leaving.map(leavingRow),
    ...sections,
    keptRows(plan.sentences),
    ...partly,
    `proposes ${counted(count, 'constraint')}; ${effect}\n`,
  ].join('')
}

function leavingRow({ file, line, text, outcome }: SentenceRow): string {
  const head = `${file}:${line} "${text}"\n`
  if (outcome.kind === 'enforced')
    return `${head}  → deleted: ${outcome.by} is an error in ${outcome.files === 1 ? 'the one file' : `each of the ${outcome.files} files`} that it is about\n`
  if (outcome.kind === 'kept') return ''
  const { proof } = outcome
  const today =
    proof.firstBreach === null
      ? 'nothing in the repository breaks it'
      : `${counted(proof.breaches, 'place')} in the repository ${proof.breaches === 1 ? 'breaks' : 'break'} it, the first at ${proof.firstBreach}: it warns until severity is set to error`
  return `${head}  → replaced by ${proof.file}: ${proof.check}\n    ran on this, and fires:     ${oneLine(proof.bad)}\n    ran on this, and is silent: ${oneLine(proof.good)}\n    ${today}\n`
}

/** One line for all sentences of a file that stay for one reason. */
function keptRows(rows: readonly SentenceRow[]): string {
  const kept = rows.flatMap(({ file, line, outcome }) => (outcome.kind === 'kept' ? [{ file, line, why: outcome.why }] : []))
  const groups = Map.groupBy(kept, ({ file, why }) => `${file}\n${why}`)
  return [...groups.values()]
    .map((members) => {
      const lines = [...new Set(members.map(({ line }) => line))].join(',')
      return `${members[0]?.file ?? ''}:${lines} kept: ${members[0]?.why ?? ''}\n`
    })
    .join('')
}

function oneLine(code: string): string {
  return code.trim().replaceAll(/\s*\n\s*/g, ' ⏎ ')
}
