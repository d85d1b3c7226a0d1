import { dirname, join } from 'node:path'
import { mapLimit } from '@coxswain/kernel'
import { nearestWord } from './nearest-word.ts'
import { warningAt, type Problem } from './problem.ts'
import { exists, readText } from './read-text.ts'

export interface SkillText {
  /** Relative to the root. */
  readonly file: string
  readonly body: string
  readonly bodyLine: number
}

/** Commands in a skill's shell blocks whose script or file is not there: an agent would learn it by failing. */
export async function commandProblems(root: string, skill: SkillText): Promise<Problem[]> {
  const scripts = await scriptNames(root)
  const found = await mapLimit(shellLines(skill.body), 8, async ({ text, index }) => {
    const message = missingScript(text, scripts) ?? (await missingFile(root, skill.file, text))
    const place = { file: skill.file, line: skill.bodyLine + index }
    return message === null ? [] : [warningAt(place, 'COMMAND_BROKEN', message.what, message.hint)]
  })
  return found.flat()
}

interface Broken {
  readonly what: string
  readonly hint: string
}

function shellLines(body: string): { readonly text: string; readonly index: number }[] {
  let fence: { readonly marker: string; readonly isShell: boolean } | null = null
  return body.split(/\r?\n/).flatMap((line, index) => {
    const [, marker = '', language = ''] = /^ {0,3}(`{3,}|~{3,})\s*(\w*)/.exec(line) ?? []
    if (fence === null) {
      if (marker !== '') fence = { marker, isShell: /^(?:sh|bash|shell|zsh|console)$/.test(language) }
      return []
    }
    if (marker.startsWith(fence.marker)) {
      fence = null
      return []
    }
    return fence.isShell ? [{ text: line.replace(/^\s*\$\s+/, '').trim(), index }] : []
  })
}

/** Null without a package.json: then nothing is known of scripts. */
async function scriptNames(root: string): Promise<readonly string[] | null> {
  const read = await readText(join(root, 'package.json'))
  if (read?.kind !== 'text') return null
  try {
    const value: unknown = JSON.parse(read.text)
    const scripts = typeof value === 'object' && value !== null && 'scripts' in value ? value.scripts : {}
    return typeof scripts === 'object' && scripts !== null ? Object.keys(scripts) : []
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Only `run`: without it a word may be a command of the package manager. With a flag it may be about another package. */
function missingScript(text: string, scripts: readonly string[] | null): Broken | null {
  const name = /^(?:npm|pnpm|yarn|bun) run ([\w:.-]+)/.exec(text)?.[1]
  if (name === undefined || scripts === null || scripts.includes(name)) return null
  const near = nearestWord(name, scripts)
  const hint = near === null ? 'Name a script of package.json.' : `Did you mean \`${near}\`?`
  return { what: `\`${text}\` runs a script that package.json does not have`, hint }
}

async function missingFile(root: string, file: string, text: string): Promise<Broken | null> {
  const path =
    /^(?:(?:node|sh|bash|python3?|ruby|tsx)\s+)?((?:\.{0,2}\/)?[\w.-]+(?:\/[\w.-]+)*\.(?:[cm]?[jt]s|sh|py|rb))(?:\s|$)/.exec(
      text,
    )?.[1]
  if (path === undefined || path.startsWith('/')) return null
  const places = [join(root, path), join(root, dirname(file), path)]
  for (const place of places) if (await exists(place)) return null
  return {
    what: `\`${text}\` starts ${path}, which does not exist`,
    hint: 'Correct the path, relative to the root or to SKILL.md.',
  }
}
