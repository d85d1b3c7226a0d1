import { join, posix } from 'node:path'
import { globTest, leavesTree, readText } from '@coxswain/constraints'
import { jsonWithComments } from '@coxswain/meaning'
import { instructionFiles, type InstructionFile } from './instruction-files.ts'

export interface FoundInstructions {
  readonly files: readonly InstructionFile[]
  /** What a program's settings name and this tree does not hold. `why` is a sentence's end. */
  readonly left: readonly { readonly file: string; readonly why: string }[]
}

const opencodeSettings = ['opencode.json', 'opencode.jsonc', '.opencode/opencode.json', '.opencode/opencode.jsonc']
const geminiSettings = '.gemini/settings.json'

/** The files that tell agents what to do: by their names, and by the settings in which opencode and Gemini CLI name more. */
export async function findInstructions(root: string, files: readonly string[]): Promise<FoundInstructions> {
  const known = instructionFiles(files)
  const names = namesForGemini(await readSettings(root, files, geminiSettings))
  const isNamed = (path: string): boolean => names.includes(posix.basename(path))
  const isKnown = new Set(known.map(({ path }) => path))
  const forGemini = files.filter((path) => !isKnown.has(path) && isNamed(path))
  const taken = new Set([...isKnown, ...forGemini])
  const left: { file: string; why: string }[] = []
  const forOpencode = new Set<string>()
  for (const settings of opencodeSettings) {
    for (const entry of stringsOf((await readSettings(root, files, settings))['instructions'])) {
      const found = filesOf(entry, files)
      if (found.length === 0) left.push({ file: settings, why: `\`${entry}\` in its \`instructions\` is no file of this tree` })
      for (const path of found) if (!taken.has(path)) forOpencode.add(path)
    }
  }
  return {
    files: [
      ...known,
      ...forGemini.map((path): InstructionFile => ({ path, format: 'gemini' })),
      ...[...forOpencode].map((path): InstructionFile => ({ path, format: 'opencode' })),
    ],
    left,
  }
}

async function readSettings(root: string, files: readonly string[], path: string): Promise<Readonly<Record<string, unknown>>> {
  if (!files.includes(path)) return {}
  const read = await readText(join(root, path))
  return read?.kind === 'text' ? jsonWithComments(read.text) : {}
}

/** `contextFileName` is what the key was called before it stood under `context`. */
function namesForGemini(settings: Readonly<Record<string, unknown>>): string[] {
  const { context } = settings
  const inside = typeof context === 'object' && context !== null && 'fileName' in context ? context.fileName : undefined
  return stringsOf(inside ?? settings['contextFileName'])
}

function stringsOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === 'string')
}

/** Addresses, homes and folders above are none of this tree. */
function filesOf(entry: string, files: readonly string[]): readonly string[] {
  const glob = entry.replace(/^(?:\.\/)+/, '')
  if (glob === '' || leavesTree(glob) || /^[a-z]+:/i.test(glob) || glob.startsWith('!')) return []
  return files.filter(globTest([glob]))
}
