import { join } from 'node:path'
import { compareText, readText } from '@coxswain/constraints'
import { loadTokenCounter } from '@coxswain/delivery'
import { freeId, titleOf } from '../import/draft-name.ts'
import { findInstructions } from '../read/configured-files.ts'
import { isLink } from '../read/read-documents.ts'
import { readLinterSetup } from '../read/linter-rules.ts'
import { judgeSentences, type Candidate } from './judge-sentences.ts'
import { proveConstraints, type Proof, type Proposal } from './prove-constraints.ts'
import { planRootMap, type MovedSection } from './root-map.ts'
import { withoutLines } from './without-lines.ts'

export interface ProposedFile {
  readonly path: string
  /** Null for a new file. */
  readonly before: string | null
  readonly after: string
}

/** One sentence of the instructions with what becomes of it. */
export interface SentenceRow {
  readonly file: string
  readonly line: number
  readonly text: string
  readonly outcome:
    | { readonly kind: 'kept'; readonly why: string }
    /** A linter's rule, which is an error for every file that the sentence is about. */
    | { readonly kind: 'enforced'; readonly by: string; readonly files: number }
    /** A check of ours, and what was run to prove it. */
    | { readonly kind: 'replaced'; readonly proof: Omit<Proof, 'text'> }
}

export interface InitPlan {
  /** One reviewable change; nothing is written. */
  readonly files: readonly ProposedFile[]
  /** Every sentence that asks for something, in order. */
  readonly sentences: readonly SentenceRow[]
  /** Sections of the root instructions that stand in files of their own now; only where that was asked for. */
  readonly sections: readonly (MovedSection & { readonly file: string })[]
  /** Whether there are any: without them there is nothing to begin with. */
  readonly hasInstructions: boolean
  /** Configuration that could not be read whole without running it. */
  readonly partlyRead: readonly string[]
  readonly tokensBefore: number
  readonly tokensAfter: number
}

export interface InitOptions {
  /** Whether large sections of a long root move to files of their own. */
  readonly movesSections?: boolean
  readonly signal?: AbortSignal
}

/** As many as a person reviews in five minutes. */
const mostConstraints = 10
/** What a compile allows its own block in the root. */
const rootLines = 100

/**
 * The smallest useful harness for a repository that has instructions. A sentence leaves the prose only for a check that fires on its bad
 * example and is silent on its good one, both of them run, or for a linter's rule that certainly says the same. Everything else stays.
 */
export async function planInit(root: string, { movesSections = false, signal }: InitOptions = {}): Promise<InitPlan> {
  const { files: tree, candidates } = await judgeSentences(root, signal)
  const proposed = await proposedConstraints(candidates, { root, tree, ...(signal === undefined ? {} : { signal }) })
  const rows = candidates.map((candidate) => rowOf(candidate, proposed))
  const shorter = await shortened(root, rows)
  const map = movesSections ? await mapOfRoot(root, { files: tree, shorter }) : null
  const instructions = [...shorter.filter(({ path }) => path !== map?.root.path), ...(map === null ? [] : [map.root])]
  const count = await loadTokenCounter()
  const sum = (texts: readonly string[]): number => texts.reduce((total, text) => total + count(text), 0)
  const used = new Set(rows.flatMap(({ outcome }) => (outcome.kind === 'replaced' ? [outcome.proof.file] : [])))
  const constraints = [...proposed.proofs.values()].filter(({ file }) => used.has(file))
  return {
    files: [
      ...constraints.map(({ file, text }): ProposedFile => ({ path: file, before: null, after: text })),
      ...instructions,
      ...(map?.sections ?? []),
    ].toSorted((a, b) => compareText(a.path, b.path)),
    sentences: rows,
    sections: map?.moved ?? [],
    hasInstructions: (await findInstructions(root, tree)).files.length > 0,
    partlyRead: (await readLinterSetup(root, tree)).partlyRead,
    tokensBefore: sum(instructions.map((file) => file.before ?? '')),
    tokensAfter: sum(instructions.map((file) => file.after)),
  }
}

interface Proposed {
  readonly proofs: ReadonlyMap<string, Proof>
  /** Why a sentence that a check could say has none. */
  readonly refused: ReadonlyMap<string, string>
}

type Checkable = Candidate & { readonly verdict: { readonly kind: 'checkable' } }

/** One constraint for one meaning in one scope, however often and in whatever words it is said. */
function keyOf({ verdict }: Checkable): string {
  const { said, scope, except } = verdict.judged
  return [said.meaning.id, ...scope, '', ...except].join('\n')
}

function isCheckable(candidate: Candidate): candidate is Checkable {
  return candidate.verdict.kind === 'checkable'
}

async function proposedConstraints(
  candidates: readonly Candidate[],
  { root, tree, signal }: { readonly root: string; readonly tree: readonly string[]; readonly signal?: AbortSignal },
): Promise<Proposed> {
  const groups = [...Map.groupBy(candidates.filter(isCheckable), keyOf)]
  const taken = new Set<string>()
  const isThere = new Set(tree)
  const refused = new Map<string, string>()
  const proposals: (Proposal & { readonly key: string })[] = []
  for (const [key, [first]] of groups) {
    if (first === undefined) continue
    const proposal = proposalOf(first, taken)
    const file = `harness/constraints/${proposal.parts.id}.md`
    // What was proposed before may have been changed since.
    if (isThere.has(file)) refused.set(key, `${file} is there already`)
    else if (proposals.length >= mostConstraints) refused.set(key, `${mostConstraints} constraints are enough for one review`)
    else proposals.push({ ...proposal, key })
  }
  const proved = await proveConstraints(proposals, { root, files: tree, ...(signal === undefined ? {} : { signal }) })
  const proofs = new Map<string, Proof>()
  for (const [index, { key }] of proposals.entries()) {
    const outcome = proved[index]
    if (outcome?.kind === 'proved') proofs.set(key, outcome.proof)
    else refused.set(key, outcome?.why ?? 'nothing ran')
  }
  return { proofs, refused }
}

function proposalOf({ statement, verdict }: Checkable, taken: Set<string>): Proposal {
  const { said, scope, except } = verdict.judged
  const endings = verdict.checks.flatMap((check) => ('language' in check ? [check.language] : []))
  return {
    isSoft: said.isSoft,
    parts: {
      id: freeId(statement.text, taken),
      title: titleOf(statement.text),
      scope,
      except,
      rungs: verdict.checks.map((check) => ({ check })),
      fix: statement.text,
      provenance: { file: statement.file, line: statement.line, quote: statement.text },
      examples: { bad: said.meaning.bad, good: said.meaning.good, endings },
    },
  }
}

function rowOf(candidate: Candidate, { proofs, refused }: Proposed): SentenceRow {
  const { file, line, text } = candidate.statement
  const { verdict } = candidate
  if (verdict.kind === 'kept') return { file, line, text, outcome: verdict }
  if (verdict.kind === 'enforced') {
    const files = verdict.judged.by.kind === 'linter' ? verdict.judged.by.files : 0
    return { file, line, text, outcome: { kind: 'enforced', by: verdict.by, files } }
  }
  const key = keyOf({ ...candidate, verdict })
  const proof = proofs.get(key)
  if (proof === undefined) return { file, line, text, outcome: { kind: 'kept', why: refused.get(key) ?? 'nothing ran' } }
  const { text: _, ...shown } = proof
  return { file, line, text, outcome: { kind: 'replaced', proof: shown } }
}

async function shortened(root: string, rows: readonly SentenceRow[]): Promise<ProposedFile[]> {
  const leaving = rows.filter(({ outcome }) => outcome.kind !== 'kept')
  const files: ProposedFile[] = []
  for (const [path, members] of Map.groupBy(leaving, ({ file }) => file)) {
    const read = await readText(join(root, path))
    if (read?.kind !== 'text') throw new Error(`${path} was there a moment ago`)
    files.push({ path, before: read.text, after: withoutLines(read.text, members) })
  }
  return files
}

interface MappedRoot {
  readonly root: ProposedFile
  readonly sections: readonly ProposedFile[]
  readonly moved: InitPlan['sections']
}

/** Null where the root is short, or generated by a tool whose sources it would part from. */
async function mapOfRoot(
  root: string,
  { files, shorter }: { readonly files: readonly string[]; readonly shorter: readonly ProposedFile[] },
): Promise<MappedRoot | null> {
  const path = ['AGENTS.md', 'CLAUDE.md'].find((name) => files.includes(name) && !isLink(root, name))
  if (path === undefined || files.some((file) => /^\.(?:ruler|rulesync)\//.test(file))) return null
  const read = await readText(join(root, path))
  if (read?.kind !== 'text') return null
  const known = new Set(files)
  const text = shorter.find((proposed) => proposed.path === path)?.after ?? read.text
  const map = planRootMap({ text, most: rootLines, isTaken: (one) => known.has(one) })
  if (map === null) return null
  return {
    root: { path, before: read.text, after: map.text },
    sections: map.files.map((file) => ({ path: file.path, before: null, after: file.text })),
    moved: map.sections.map((section) => ({ ...section, file: path })),
  }
}
