import { compareText, listTree, type Check } from '@coxswain/constraints'
import { judgeStatement, type Judged, type World } from '../read/judge-statement.ts'
import { readDocuments, type InstructionDocument } from '../read/read-documents.ts'
import { openWorld } from '../read/open-world.ts'
import { ownerFolder } from '../read/rule-scope.ts'
import type { Statement } from '../read/read-statements.ts'
import { boundBy } from './surroundings.ts'

/** A sentence of the instructions, and whether something else could say it. */
export interface Candidate {
  readonly statement: Statement
  readonly document: InstructionDocument
  readonly verdict:
    | { readonly kind: 'kept'; readonly why: string }
    | { readonly kind: 'enforced'; readonly judged: Judged; readonly by: string }
    | { readonly kind: 'checkable'; readonly judged: Judged; readonly checks: readonly Check[] }
}

export interface JudgedSentences {
  readonly files: readonly string[]
  readonly candidates: readonly Candidate[]
}

/** Every sentence of every instruction file with its verdict. Nothing is run and nothing is written. */
export async function judgeSentences(root: string, signal?: AbortSignal): Promise<JudgedSentences> {
  const files = await listTree(root, signal)
  const [documents, world] = await Promise.all([readDocuments(root, files), openWorld(root, files)])
  const candidates = documents.flatMap((document) =>
    document.instructions.statements.map((statement) => ({
      statement,
      document,
      verdict: verdictOn(statement, { document, documents, world }),
    })),
  )
  return { files, candidates: candidates.toSorted(byPlace) }
}

interface Around {
  readonly document: InstructionDocument
  readonly documents: readonly InstructionDocument[]
  readonly world: World
}

function verdictOn(statement: Statement, { document, documents, world }: Around): Candidate['verdict'] {
  const { scope, file } = document
  if (scope.kind !== 'files') return kept(scope.kind === 'left' ? scope.why : 'agents read its file when they ask for it')
  if (file.format === 'opencode') return kept('people may read its file, too')
  const source = sourceOf(statement, { document, documents })
  if (source !== null) return kept(`${source} is its source`)
  const judgement = judgeStatement(statement, world, { folder: ownerFolder(file.path), ...scope })
  if (judgement.kind === 'unread') return kept(judgement.why)
  const { judged } = judgement
  const bound = boundBy(statement, { document, documents, token: judged.said.meaning.token })
  if (bound !== null) return kept(bound)
  const { by } = judged
  if (by.kind === 'nothing') return kept(by.why)
  if (by.kind === 'checks') return { kind: 'checkable', judged, checks: by.checks }
  return { kind: 'enforced', judged, by: `${by.rule} in ${by.file}:${by.line}` }
}

function kept(why: string): Candidate['verdict'] {
  return { kind: 'kept', why }
}

/** Where a ruler writes instructions, its source says the same words, and alone is edited. */
function sourceOf(statement: Statement, { document, documents }: Omit<Around, 'world'>): string | null {
  const isSource = (path: string): boolean => /^\.(?:ruler|rulesync)\//.test(path)
  if (isSource(document.file.path)) return null
  const said = documents.find(
    (other) =>
      isSource(other.file.path) &&
      other.instructions.statements.some(({ text }) => text.toLowerCase() === statement.text.toLowerCase()),
  )
  return said?.file.path ?? null
}

function byPlace(a: Candidate, b: Candidate): number {
  return compareText(a.statement.file, b.statement.file) || a.statement.line - b.statement.line
}
