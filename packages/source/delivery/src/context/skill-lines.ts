import { compareText, readRuleFront, splitFrontMatter } from '@coxswain/constraints'
import type { LoadingRules } from './loading-rules.ts'
import type { TreeReader } from './tree-reader.ts'

export interface SkillLine {
  readonly name: string
  readonly path: string
  /** What the agent is told at the start; the body arrives only when it opens the skill. */
  readonly text: string
}

/** The repository's skills that an agent program tells its model about; of two with one name, one is told. */
export function skillLines(tree: TreeReader, folder: string, rules: LoadingRules): SkillLine[] {
  const { skills } = rules
  if (skills === null) return []
  const places = skills.reach === 'folder-only' ? [folder] : foldersDownTo(folder)
  const lines = places.flatMap((place) =>
    skills.folders.flatMap((home) => skillsIn(tree, place === '' ? home : `${place}/${home}`, skills)),
  )
  return [...new Map(lines.map((line) => [line.name, line])).values()].toSorted((a, b) => compareText(a.name, b.name))
}

function skillsIn(tree: TreeReader, home: string, skills: NonNullable<LoadingRules['skills']>): SkillLine[] {
  return tree.list(home).flatMap((path) => {
    if (!path.endsWith('/SKILL.md')) return []
    const front = readRuleFront(splitFrontMatter(tree.read(path) ?? '').yaml ?? '') ?? {}
    const { name, description } = front
    if (typeof name !== 'string' || typeof description !== 'string') return []
    const said = skills.escapes ? description.trim().replaceAll('<', '&lt;').replaceAll('>', '&gt;') : description.trim()
    const text = skills.line.replace('{name}', () => name).replace('{description}', () => said)
    return [{ name, path, text }]
  })
}

/** The root, and each folder on the way down. */
function foldersDownTo(folder: string): string[] {
  const parts = folder === '' ? [] : folder.split('/')
  return ['', ...parts.map((_, index) => parts.slice(0, index + 1).join('/'))]
}
