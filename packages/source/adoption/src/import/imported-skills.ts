import { posix } from 'node:path'
import { stringify } from 'yaml'
import type { InstructionDocument } from '../read/read-documents.ts'

/** A rule that an agent reads when its description fits, as a skill: the one place of ours that is asked for too. */
export interface ImportedSkill {
  readonly name: string
  readonly description: string
  readonly from: string
  /** `harness/skills/<name>/SKILL.md`. */
  readonly file: string
  readonly text: string
}

export interface ImportedSkills {
  readonly skills: readonly ImportedSkill[]
  readonly left: readonly { readonly file: string; readonly why: string }[]
}

/** What the format of skills allows. */
const mostLines = 490
const mostDescription = 1_024

/** Rules that are asked for become skills with their words unchanged; those that only a person brings stay where they are. */
export function importedSkills(documents: readonly InstructionDocument[]): ImportedSkills {
  const taken = new Set<string>()
  const skills: ImportedSkill[] = []
  const left: { file: string; why: string }[] = []
  for (const { file, scope, body } of documents) {
    if (scope.kind === 'left') left.push({ file: file.path, why: scope.why })
    if (scope.kind !== 'asked') continue
    const why = unfit(body, scope.description)
    if (why === null) skills.push(skillOf(file.path, { body, description: scope.description, taken }))
    else left.push({ file: file.path, why })
  }
  return { skills, left }
}

function unfit(body: string, description: string): string | null {
  if (body.trim() === '') return 'it says nothing'
  if (body.split('\n').length > mostLines) return `it is longer than a skill may be (${mostLines} lines)`
  return description.length > mostDescription ? `its description is longer than ${mostDescription} characters` : null
}

function skillOf(
  from: string,
  { body, description, taken }: { readonly body: string; readonly description: string; readonly taken: Set<string> },
): ImportedSkill {
  const name = freeName(from, taken)
  const front = stringify({ name, description }, { lineWidth: 0 })
  const words = body
    .replaceAll('\r\n', '\n')
    .replaceAll(/(\]\()([^)\s]+)/g, (_, open: string, target: string) => relinked(open, { target, from, name }))
  return {
    name,
    description,
    from,
    file: fileOf(name),
    text: `---\n${front}---\n${words.startsWith('\n') ? '' : '\n'}${words.trimEnd()}\n`,
  }
}

function fileOf(name: string): string {
  return `harness/skills/${name}/SKILL.md`
}

/** A relative link keeps its target. */
function relinked(
  open: string,
  { target, from, name }: { readonly target: string; readonly from: string; readonly name: string },
): string {
  if (/^(?:[a-z][a-z0-9+.-]*:|[/#<])/i.test(target)) return `${open}${target}`
  return `${open}${posix.relative(posix.dirname(fileOf(name)), posix.join(posix.dirname(from), target))}`
}

function freeName(from: string, taken: Set<string>): string {
  const base =
    posix
      .basename(from)
      .replace(/\.mdc?$/, '')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 60)
      .replace(/-$/, '') || 'imported'
  let name = base
  for (let count = 2; taken.has(name); count += 1) name = `${base}-${count}`
  taken.add(name)
  return name
}
