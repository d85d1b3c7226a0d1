import type { FileFacts, FunctionFact } from '@coxswain/facts'
import type { Workspace } from '@coxswain/graph'
import { readModuleNames, type ModuleNames } from './module-names.ts'

/** What a function's text leaves to the module around it. */
interface Surroundings {
  /** Text of all declarations that it leads to, by name. */
  readonly locals: string
  readonly imports: readonly (readonly [word: string, module: string, name: string])[]
  /** Something of the module changes while it runs: a copy has its own. */
  readonly hasState: boolean
}

const known = new WeakMap<FileFacts, Map<number, Surroundings>>()

/**
 * What the free names of a function stand for, so that equal texts with equal meanings do the same: what is imported by the file or
 * package it comes from, what the module declares by its text. Null for one that keeps state in its module: no other is the same.
 */
export function meaningOf(workspace: Workspace, path: string, entry: FunctionFact): string | null {
  const { locals, imports, hasState } = surroundingsOf(workspace, path, entry)
  if (hasState) return null
  const edges = imports.length === 0 ? [] : workspace.edgesOf(path)
  const taken = imports.map(([word, module, name]) => {
    const targets = edges.filter(({ fact }) => fact.from === module).map(({ target }) => target)
    const files = targets.map((target) =>
      target.kind === 'file' ? target.path : target.kind === 'missing' ? `${path} ${module}` : module,
    )
    return `${word} is ${name} of ${files.toSorted().join()}`
  })
  return JSON.stringify([locals, taken.toSorted()])
}

function surroundingsOf(workspace: Workspace, path: string, entry: FunctionFact): Surroundings {
  const facts = workspace.facts.get(path)
  let ofFile = facts === undefined ? undefined : known.get(facts)
  const found = ofFile?.get(entry.line)
  if (found !== undefined) return found
  const text = workspace.textOf(path)
  const own = text
    .split('\n')
    .slice(entry.line - 1, entry.line - 1 + entry.lines)
    .join('\n')
  const made = lookAround(own, entry.name, readModuleNames(text))
  if (facts !== undefined && ofFile === undefined) known.set(facts, (ofFile = new Map()))
  ofFile?.set(entry.line, made)
  return made
}

function lookAround(own: string, name: string, module: ModuleNames): Surroundings {
  const locals = new Map<string, string>()
  const imports = new Map<string, readonly [string, string]>()
  const open = [own]
  for (const text of open) {
    for (const word of wordsOf(text)) {
      const [declared, imported] = [module.locals.get(word), module.imports.get(word)]
      if (imported !== undefined) imports.set(word, imported)
      if (declared === undefined || locals.has(word) || word === name) continue
      locals.set(word, declared)
      open.push(declared)
    }
  }
  const texts = [...locals].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return {
    locals: JSON.stringify(texts.map(([word, text]) => [word, text.replace(/\s+/g, ' ').trim()])),
    imports: [...imports].map(([word, [from, imported]]) => [word, from, imported] as const),
    hasState: texts.some(([, text]) => isState.test(text)),
  }
}

/** A variable, or something that is filled later. */
const isState =
  /^\s*(?:export\s+)?(?:let|var)\b|^\s*(?:export\s+)?const\b[^=]*=\s*(?:new\s+\w*(?:Map|Set|Cache|Array|Emitter|Queue|Store|Pool|Storage)\b|\[\s*\]|\{\s*\}|Object\.create\(null\))/

/** Words that may be free: what follows a dot is somebody's own. */
function wordsOf(text: string): readonly string[] {
  return [
    ...new Set(
      [...text.matchAll(/(?<![\w$\u0080-\uffff.]|\.\s)([A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)|\.\.\.\s*([\w$]+)/g)].map(
        (match) => match[1] ?? match[2] ?? '',
      ),
    ),
  ]
}
