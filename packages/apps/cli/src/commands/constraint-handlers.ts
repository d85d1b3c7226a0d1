import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import {
  constraintFolder,
  explainConstraint,
  formatConstraint,
  isFailed,
  listConstraints,
  listTree,
  loadConstraints,
  nearestWord,
  newConstraint,
  renderConstraintRows,
  renderProblems,
  renderSelfTests,
  renderWeakened,
  sourceRoot,
  testConstraints,
  type Constraint,
  type LoadedConstraints,
  type NewConstraint,
} from '@coxswain/constraints'
import { atomicWrite } from '@coxswain/host'
import { counted, CoxError } from '@coxswain/kernel'
import type { CliContext } from '../cli-context.ts'
import { present, type CommonFlags } from '../common-flags.ts'

interface Loaded extends LoadedConstraints {
  readonly root: string
}

async function load(flags: CommonFlags): Promise<Loaded> {
  const root = sourceRoot(flags.directory ?? process.cwd())
  return { root, ...(await loadConstraints(root, await listTree(root))) }
}

function find(loaded: Loaded, id: string): Constraint {
  const found = loaded.constraints.find((constraint) => constraint.id === id)
  if (found !== undefined) return found
  const broken = loaded.problems.find(({ file, severity }) => severity === 'error' && file.endsWith(`/${id}.md`))
  if (broken !== undefined)
    throw new CoxError('CONSTRAINT_UNREADABLE', `${broken.file}:${broken.line}: ${broken.message}`, { hint: broken.hint })
  const near = nearestWord(
    id,
    loaded.constraints.map((constraint) => constraint.id),
  )
  throw new CoxError('CONSTRAINT_NOT_FOUND', `There is no constraint "${id}"`, {
    hint: near === null || near === undefined ? 'List them with `cox constraint list`.' : `Did you mean "${near}"?`,
  })
}

export async function createConstraint(
  this: CliContext,
  flags: CommonFlags & Omit<NewConstraint, 'id'>,
  id: string,
): Promise<void> {
  await present(this, flags, async () => {
    const root = sourceRoot(flags.directory ?? process.cwd())
    const { title, owner, scope, rung } = flags
    const text = newConstraint({
      id,
      ...(title === undefined ? {} : { title }),
      ...(owner === undefined ? {} : { owner }),
      ...(scope === undefined ? {} : { scope }),
      ...(rung === undefined ? {} : { rung }),
    })
    const file = `${constraintFolder}/${id}.md`
    if (existsSync(join(root, file)))
      throw new CoxError('CONSTRAINT_EXISTS', `${file} is there already`, { hint: 'Edit that file, or choose another id.' })
    await writeFiles(root, [{ file, text }])
    return { json: { file }, text: `${file} written; fill it in, then: ${nextStep(rung ?? 'path', id)}` }
  })
}

/** Only a check can be tried on examples; what the others lead to is seen where it arrives. */
function nextStep(rung: NonNullable<NewConstraint['rung']>, id: string): string {
  if (rung === 'check') return `cox constraint test ${id}`
  if (rung === 'hook') return 'cox compile; `cox context --agent claude` (or codex, gemini) says whether it runs there'
  if (rung === 'skill') return 'write the skill it names below harness/skills, and: cox compile'
  if (rung === 'review') return 'cox compile'
  return 'cox compile; `cox context` shows what an agent gets of it'
}

export async function list(this: CliContext, flags: CommonFlags): Promise<void> {
  await present(this, flags, async () => {
    const { constraints, problems } = await load(flags)
    const rows = listConstraints(constraints)
    const text =
      rows.length === 0 && problems.length === 0
        ? 'No constraints yet. Write one: cox constraint new <id>'
        : `${renderConstraintRows(rows)}${renderProblems(problems)}`
    return {
      json: { constraints: rows, problems },
      text: text.trimEnd(),
      exitCode: problems.some((problem) => problem.severity === 'error') ? 1 : 0,
    }
  })
}

export async function show(this: CliContext, flags: CommonFlags, id: string): Promise<void> {
  await present(this, flags, async () => {
    const loaded = await load(flags)
    const constraint = find(loaded, id)
    return { json: constraint, text: (await readFile(join(loaded.root, constraint.file), 'utf8')).trimEnd() }
  })
}

export async function explain(this: CliContext, flags: CommonFlags, id: string): Promise<void> {
  await present(this, flags, async () => {
    const constraint = find(await load(flags), id)
    return { json: constraint, text: explainConstraint(constraint).trimEnd() }
  })
}

export async function test(this: CliContext, flags: CommonFlags, ...ids: readonly string[]): Promise<void> {
  await present(this, flags, async () => {
    const loaded = await load(flags)
    const wanted = ids.length === 0 ? loaded.constraints : ids.map((id) => find(loaded, id))
    const { createRuleRunner } = await import('../rule-runner.ts')
    const results = await testConstraints(wanted, { runRule: createRuleRunner(), root: loaded.root })
    // Whether a scope matches says nothing about whether its check works.
    const errors = loaded.problems.filter((problem) => problem.severity === 'error')
    return {
      json: { results, problems: loaded.problems },
      text: `${renderProblems(errors)}${renderSelfTests(results, wanted.length)}`.trimEnd(),
      exitCode: errors.length > 0 || results.some(isFailed) ? 1 : 0,
    }
  })
}

export async function format(this: CliContext, flags: CommonFlags & { readonly check?: boolean }): Promise<void> {
  await present(this, flags, async () => {
    const { root, constraints, problems } = await load(flags)
    // What cannot be read cannot be formatted, and must not pass for formatted.
    const read = new Set(constraints.map(({ file }) => file))
    const unread = problems.filter(({ file, severity }) => severity === 'error' && !read.has(file))
    const changed: { file: string; text: string }[] = []
    for (const { file } of constraints) {
      const before = await readFile(join(root, file), 'utf8')
      const text = formatConstraint(before)
      if (text !== before) changed.push({ file, text })
    }
    if (!flags.check) await writeFiles(root, changed)
    const files = changed.map(({ file }) => file)
    return {
      json: { changed: files, problems: unread },
      text: `${renderProblems(unread)}${formattedText(files, { count: constraints.length, isCheck: flags.check ?? false })}`,
      exitCode: unread.length > 0 || (flags.check && files.length > 0) ? 1 : 0,
    }
  })
}

function formattedText(
  files: readonly string[],
  { count, isCheck }: { readonly count: number; readonly isCheck: boolean },
): string {
  if (files.length > 0) return `${isCheck ? 'would change' : 'changed'}:\n${files.join('\n')}`
  return `${counted(count, 'constraint')}: formatted`
}

export async function importDrafts(this: CliContext, flags: CommonFlags & { readonly write?: boolean }): Promise<void> {
  await present(this, flags, async () => {
    const root = sourceRoot(flags.directory ?? process.cwd())
    const { importConstraints, renderImported } = await import('@coxswain/adoption')
    const imported = await importConstraints(root)
    const constraints = imported.drafts.map((draft) => ({ file: `${constraintFolder}/${draft.id}.md`, text: draft.text }))
    const files = [...constraints, ...imported.skills.map(({ file, text }) => ({ file, text }))].filter(
      ({ file }) => !existsSync(join(root, file)),
    )
    if (flags.write) await writeFiles(root, files)
    return {
      json: { ...imported, written: flags.write ? files.map(({ file }) => file) : [] },
      text: `${renderImported(imported)}${flags.write ? `${counted(files.length, 'file')} written` : 'Nothing was written; --write does'}`,
    }
  })
}

export async function weakened(this: CliContext, flags: CommonFlags & { readonly since?: string }): Promise<void> {
  await present(this, flags, async () => {
    const root = sourceRoot(flags.directory ?? process.cwd())
    const { weakenedReport } = await import('../weakened-report.ts')
    const report = await weakenedReport({ root, ...(flags.since === undefined ? {} : { since: flags.since }) })
    const { since, weakened: found } = report
    const closing =
      since === null
        ? 'nothing to compare with: there is no earlier commit here'
        : found.length === 0
          ? `nothing weakened without a word since ${since.slice(0, 12)}`
          : 'Take it back, or declare it in the commit: a line `Weakens: <id> <why>`'
    return { json: report, text: `${renderWeakened(report)}${closing}`, exitCode: found.length === 0 ? 0 : 1 }
  })
}

async function writeFiles(root: string, files: readonly { readonly file: string; readonly text: string }[]): Promise<void> {
  for (const { file, text } of files) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await atomicWrite(join(root, file), text)
  }
}
