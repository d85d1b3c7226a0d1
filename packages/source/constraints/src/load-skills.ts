import { readdir } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { mapLimit } from '@coxswain/kernel'
import { z } from 'zod'
import { compareText, errorAt, sortProblems, warningAt, type Problem } from './problem.ts'
import { exists, isErrorCode, readText } from './read-text.ts'
import { readYaml } from './read-yaml.ts'
import { commandProblems } from './skill-commands.ts'
import { splitFrontMatter } from './split-front-matter.ts'

export interface SkillFile {
  /** Relative to the skill's folder. */
  readonly path: string
  readonly text: string
}

export interface Skill {
  readonly name: string
  readonly description: string
  readonly files: readonly SkillFile[]
}

export interface LoadedSkills {
  readonly skills: readonly Skill[]
  readonly problems: readonly Problem[]
}

export const skillFolder = 'harness/skills'

/** Above ten, agents stop finding the right one. */
const mostSkills = 10
const mostLines = 500
const name = z
  .string()
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'write lower-case words joined by hyphens')
  .max(64)
const SkillFront = z.looseObject({ name, description: z.string().trim().min(1).max(1_024) })
type SkillFront = z.infer<typeof SkillFront>

/** Reads and validates `harness/skills/<name>/` by the Agent Skills format. */
export async function loadSkills(root: string): Promise<LoadedSkills> {
  const names = await folderNames(join(root, skillFolder))
  const loaded = await mapLimit(names, 8, (folder) => loadSkill(root, folder))
  const problems = loaded.flatMap((one) => one.problems)
  if (names.length > mostSkills)
    problems.push(
      warningAt(
        { file: skillFolder, line: 1 },
        'SKILLS_TOO_MANY',
        `${names.length} skills are more than ${mostSkills}`,
        'Merge skills that are used together.',
      ),
    )
  return { skills: loaded.flatMap((one) => (one.skill === null ? [] : [one.skill])), problems: sortProblems(problems) }
}

async function folderNames(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .toSorted(compareText)
  } catch (error) {
    if (isErrorCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  }
}

async function loadSkill(root: string, folder: string): Promise<{ readonly skill: Skill | null; readonly problems: Problem[] }> {
  const base = `${skillFolder}/${folder}`
  const file = `${base}/SKILL.md`
  const main = await readText(join(root, file))
  if (main?.kind !== 'text')
    return {
      skill: null,
      problems: [
        errorAt(
          { file: base, line: 1 },
          'SKILL_MISSING',
          'The folder has no readable SKILL.md',
          'Add SKILL.md, or remove the folder.',
        ),
      ],
    }
  const split = splitFrontMatter(main.text)
  const front = readYaml<SkillFront>(
    { text: split.yaml ?? '', file, firstLine: split.yamlLine },
    { schema: SkillFront, knownKeys: () => ['name', 'description'] },
  )
  if (front.value === null) return { skill: null, problems: [...front.problems] }
  const { files, problems } = await readSkillFiles(root, base)
  const skill = { name: front.value.name, description: front.value.description, files }
  const rules = [
    ...shapeProblems(file, folder, skill, main.text),
    ...(await linkProblems(root, file, split.body, split.bodyLine)),
    ...(await commandProblems(root, { file, body: split.body, bodyLine: split.bodyLine })),
  ]
  return { skill, problems: [...problems, ...rules] }
}

async function readSkillFiles(
  root: string,
  base: string,
): Promise<{ readonly files: SkillFile[]; readonly problems: Problem[] }> {
  const entries = await readdir(join(root, base), { withFileTypes: true, recursive: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(join(root, base), posix.join(entry.parentPath, entry.name)))
  const files: SkillFile[] = []
  const problems: Problem[] = []
  for (const path of paths.toSorted(compareText)) {
    const read = await readText(join(root, base, path))
    if (read?.kind === 'text') files.push({ path, text: read.text })
    else
      problems.push(
        errorAt(
          { file: `${base}/${path}`, line: 1 },
          'FILE_NOT_UTF8',
          'The file is not UTF-8 text',
          'Keep binary files outside the skill and link them.',
        ),
      )
  }
  return { files, problems }
}

function shapeProblems(file: string, folder: string, skill: Skill, text: string): Problem[] {
  const lines = text.split('\n').length
  const isTriggered = /\b(?:when|before|after|whenever|use (?:this|to|for|it))\b/i.test(skill.description)
  return [
    ...(skill.name === folder
      ? []
      : [
          errorAt(
            { file, line: 2 },
            'SKILL_NAME',
            `The name \`${skill.name}\` is not the folder's name \`${folder}\``,
            'Make them equal.',
          ),
        ]),
    ...(lines <= mostLines
      ? []
      : [
          errorAt(
            { file, line: mostLines },
            'SKILL_TOO_LONG',
            `${lines} lines are more than ${mostLines}`,
            'Move depth into files beside SKILL.md and link them.',
          ),
        ]),
    ...(isTriggered
      ? []
      : [
          warningAt(
            { file, line: 3 },
            'SKILL_NOT_TRIGGERED',
            'The description does not say when to use the skill',
            'Write "Use when …": agents read only the description before they choose.',
          ),
        ]),
  ]
}

async function linkProblems(root: string, file: string, body: string, firstLine: number): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const [index, line] of body.split('\n').entries()) {
    for (const [, target = ''] of line.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)) {
      if (/^[a-z]+:/i.test(target)) continue
      if (await exists(join(root, dirname(file), target))) continue
      problems.push(
        errorAt(
          { file, line: firstLine + index },
          'LINK_BROKEN',
          `\`${target}\` does not exist`,
          'Correct the link, relative to SKILL.md.',
        ),
      )
    }
  }
  return problems
}
