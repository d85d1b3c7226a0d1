import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { atomicWrite, containedPath } from '@coxswain/host'
import type { Rewrite } from '@coxswain/rules'
import type { AppliedFix } from '../check-report.ts'
import type { Finding } from '../finding.ts'
import { planEdits } from './plan-edits.ts'

/** Applies the certain fixes of findings; one that no longer fits its text, or meets another, waits for the next pass. */
export async function applyFixes(root: string, findings: readonly Finding[]): Promise<AppliedFix[]> {
  const chosen = chooseDisjoint(findings)
  const applied: AppliedFix[] = []
  for (const finding of chosen) {
    if (finding.rewrite !== undefined && (await applyRewrite(root, finding.rewrite)))
      applied.push({ rule: finding.rule, file: finding.file, what: finding.what })
  }
  return applied
}

/** At most one rewrite per file and pass: offsets of a second one would be those of a text that is gone. */
function chooseDisjoint(findings: readonly Finding[]): Finding[] {
  const taken = new Set<string>()
  return findings.filter(({ rewrite }) => {
    const files = rewrite === undefined ? [] : filesOf(rewrite)
    if (rewrite === undefined || files.some((file) => taken.has(file))) return false
    for (const file of files) taken.add(file)
    return true
  })
}

function filesOf(rewrite: Rewrite): string[] {
  return [
    ...rewrite.edits.map((edit) => edit.file),
    ...(rewrite.moves ?? []).flatMap((move) => [move.from, move.to]),
    ...(rewrite.creations ?? []).map((creation) => creation.file),
  ]
}

/** All of a rewrite or nothing of it. */
export async function applyRewrite(root: string, rewrite: Rewrite): Promise<boolean> {
  const texts = new Map<string, string>()
  for (const { file } of rewrite.edits) texts.set(file, readFileSync(await containedPath(root, file), 'utf8'))
  const planned = planEdits(texts, rewrite.edits)
  const targets = [...(rewrite.moves ?? []).map((move) => move.to), ...(rewrite.creations ?? []).map((creation) => creation.file)]
  for (const target of targets) if (existsSync(await containedPath(root, target))) return false
  if (planned === null) return false
  for (const [file, text] of planned) await atomicWrite(await containedPath(root, file), text)
  for (const { from, to } of rewrite.moves ?? []) renameSync(await containedPath(root, from), await containedPath(root, to))
  for (const { file, text } of rewrite.creations ?? []) {
    const path = await containedPath(root, file)
    mkdirSync(dirname(path), { recursive: true })
    await atomicWrite(path, text)
  }
  return true
}
