import { readBody, readExamples, type Body, type Section } from './body-sections.ts'
import { checksOf, FrontMatter, rungKinds, type Constraint } from './constraint.ts'
import { nearestWord } from './nearest-word.ts'
import { errorAt, type Problem } from './problem.ts'
import { readYaml } from './read-yaml.ts'
import { leavesTree } from './scope.ts'
import { splitFrontMatter } from './split-front-matter.ts'

export interface ParsedConstraint {
  /** Null when the front matter cannot be used at all. */
  readonly constraint: Constraint | null
  readonly problems: readonly Problem[]
}

export interface ConstraintSource {
  /** Relative to the repository's root. */
  readonly file: string
  readonly text: string
}

const sectionNames = ['Why', 'Fix', 'Bad', 'Good'] as const
const mostBytes = 256 * 1_024

/** Reads one constraint file. Pure; problems are values. */
export function parseConstraint(source: ConstraintSource): ParsedConstraint {
  const refused = refuseText(source)
  if (refused !== null) return { constraint: null, problems: [refused] }
  const split = splitFrontMatter(source.text)
  if (split.yaml === null || split.isUnclosed) {
    const message = split.isUnclosed ? 'The front matter is never closed' : 'The file has no front matter'
    return {
      constraint: null,
      problems: [
        errorAt({ file: source.file, line: 1 }, 'FRONT_MATTER_MISSING', message, 'Put YAML between two `---` lines at the top.'),
      ],
    }
  }
  const front = readYaml({ text: split.yaml, file: source.file, firstLine: split.yamlLine }, { schema: FrontMatter, knownKeys })
  if (front.value === null) return { constraint: null, problems: front.problems }
  const body = readBody(split.body, split.bodyLine)
  const constraint = buildConstraint(source.file, front.value, body)
  return {
    constraint,
    problems: [...bodyProblems(source, body), ...identityProblems(source, constraint), ...evidenceOfCheck(source, constraint)],
  }
}

function refuseText(source: ConstraintSource): Problem | null {
  if (source.text.length > mostBytes)
    return errorAt(
      { file: source.file, line: 1 },
      'FILE_TOO_LARGE',
      `The file is larger than ${mostBytes / 1_024} KiB`,
      'Move the material to `docs/` and link it in `see`.',
    )
  const conflict = conflictLine(source.text)
  if (conflict !== null)
    return errorAt(
      { file: source.file, line: conflict },
      'MERGE_CONFLICT',
      'The file has merge-conflict markers',
      'Resolve the conflict.',
    )
  if (source.text.includes('\0'))
    return errorAt({ file: source.file, line: 1 }, 'FILE_BINARY', 'The file holds NUL bytes', 'Write plain UTF-8 text.')
  return null
}

/** The line of an unresolved conflict, from 1. Both ends are needed: a row of `=` alone is a heading. */
export function conflictLine(text: string): number | null {
  const start = /^<{7} /m.exec(text)
  if (start === null || !/^>{7} /m.test(text.slice(start.index))) return null
  return text.slice(0, start.index).split('\n').length
}

function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const shape = path.filter((part) => typeof part === 'string').join('.')
  const known: Readonly<Record<string, readonly string[]>> = {
    '': Object.keys(FrontMatter.shape),
    rungs: rungKinds,
    'rungs.check': ['rule', 'options', 'language', 'pattern', 'match', 'constraints', 'command', 'found', 'inputs'],
    'rungs.hook': ['on', 'command'],
    'rungs.review': ['role', 'text'],
    exemptions: ['path', 'owner', 'reason', 'expires'],
    evidence: ['link', 'note', 'on'],
  }
  return known[shape] ?? []
}

function buildConstraint(file: string, front: FrontMatter, body: Body): Constraint {
  const section = (name: string): string => body.sections.find((candidate) => candidate.heading === name)?.text ?? ''
  return {
    ...front,
    file,
    title: body.title,
    why: section('Why'),
    fix: section('Fix'),
    bad: readExamples(section('Bad')),
    good: readExamples(section('Good')),
  }
}

function bodyProblems(source: ConstraintSource, body: Body): Problem[] {
  const problems: Problem[] = []
  const last = source.text.split('\n').length
  if (body.title === '')
    problems.push(
      errorAt(
        { file: source.file, line: last },
        'TITLE_MISSING',
        'The body has no `# Title`',
        'Write the decision as one sentence after `# `.',
      ),
    )
  for (const name of ['Why', 'Fix']) {
    const found = body.sections.filter((section) => section.heading === name)
    if (found.length === 0 || found[0]?.text === '')
      problems.push(
        errorAt(
          { file: source.file, line: found[0]?.line ?? last },
          'SECTION_MISSING',
          `The section \`## ${name}\` is missing or empty`,
          `Write it: ${name === 'Why' ? 'the cost of breaking the rule' : 'the way out, with real names'}.`,
        ),
      )
  }
  return [
    ...problems,
    ...body.sections.flatMap((section, index) => sectionProblems(source, section, body.sections.slice(0, index))),
  ]
}

function sectionProblems(source: ConstraintSource, section: Section, earlier: readonly Section[]): Problem[] {
  if (!(sectionNames as readonly string[]).includes(section.heading)) {
    const near = nearestWord(section.heading, sectionNames)
    const hint =
      near === null
        ? `Use only: ${sectionNames.join(', ')}; longer material belongs in \`docs/\`.`
        : `Did you mean \`## ${near}\`?`
    return [
      errorAt(
        { file: source.file, line: section.line },
        'SECTION_UNKNOWN',
        `\`## ${section.heading}\` is not a known section`,
        hint,
      ),
    ]
  }
  if (earlier.some((other) => other.heading === section.heading))
    return [
      errorAt(
        { file: source.file, line: section.line },
        'SECTION_TWICE',
        `\`## ${section.heading}\` appears twice`,
        'Merge the two.',
      ),
    ]
  return []
}

function identityProblems(source: ConstraintSource, constraint: Constraint): Problem[] {
  const name = source.file.split('/').at(-1) ?? ''
  const problems: Problem[] = []
  if (name !== `${constraint.id}.md`)
    problems.push(
      errorAt(
        { file: source.file, line: 2 },
        'ID_NOT_FILE_NAME',
        `The id \`${constraint.id}\` is not the file's name \`${name}\``,
        `Rename the file to ${constraint.id}.md or correct the id.`,
      ),
    )
  const inputs = checksOf(constraint).flatMap((check) => ('command' in check ? (check.inputs ?? []) : []))
  const exempted = constraint.exemptions.map(({ path }) => path)
  for (const scope of [...constraint.scope, ...constraint.except, ...inputs, ...exempted]) {
    const place = { file: source.file, line: lineContaining(source.text, scope) }
    if (leavesTree(scope))
      problems.push(
        errorAt(place, 'SCOPE_OUTSIDE', `The scope \`${scope}\` leaves the tree`, 'Write a glob relative to the root, with `/`.'),
      )
    // Globs are alternatives: one that begins with `!` would reach everything else, and take nothing back from the others.
    else if (/^!(?!\()/.test(scope))
      problems.push(
        errorAt(place, 'SCOPE_NEGATED', `The glob \`${scope}\` begins with \`!\``, 'Write it under `except`, without the `!`.'),
      )
  }
  return problems
}

/** `error` blocks work, so it must prove itself: a check and both examples. */
function evidenceOfCheck(source: ConstraintSource, constraint: Constraint): Problem[] {
  if (constraint.severity !== 'error') return []
  const line = lineContaining(source.text, 'severity:')
  if (checksOf(constraint).length === 0)
    return [
      errorAt(
        { file: source.file, line: line },
        'ERROR_WITHOUT_CHECK',
        'Severity `error` without a `check` rung',
        'Add a check, or lower the severity to `warning`.',
      ),
    ]
  if (constraint.bad.length > 0 && constraint.good.length > 0) return []
  const missing = constraint.bad.length === 0 ? 'Bad' : 'Good'
  return [
    errorAt(
      { file: source.file, line: line },
      'ERROR_WITHOUT_EXAMPLE',
      `Severity \`error\` without a fenced example in \`## ${missing}\``,
      'Add the example, or lower the severity to `warning`.',
    ),
  ]
}

function lineContaining(text: string, part: string): number {
  const at = text.indexOf(part)
  return at === -1 ? 1 : text.slice(0, at).split('\n').length
}
