import { kindOf } from '@coxswain/facts'
import type { PackageNode, Workspace } from '@coxswain/graph'
import type { RawFinding, UnusedClaim } from '@coxswain/rules'

export interface Mention {
  readonly file: string
  readonly line: number
}

export interface FoundWords {
  readonly mentions: ReadonlyMap<RawFinding, Mention>
  readonly unread: readonly string[]
}

interface Wanted {
  readonly finding: RawFinding
  readonly claim: UnusedClaim
  readonly node: PackageNode | null
}

/** Where other texts name what these findings claim to be unused: one look at each word of each text, however many are wanted. */
export function findWords(findings: readonly RawFinding[], workspace: Workspace): FoundWords {
  const wanted = new Map<string, Wanted[]>()
  let left = 0
  for (const finding of findings) {
    if (finding.claim === undefined) continue
    const entry = { finding, claim: finding.claim, node: workspace.packageOf(finding.file) }
    left++
    for (const name of finding.claim.names) {
      const same = wanted.get(name)
      if (same === undefined) wanted.set(name, [entry])
      else same.push(entry)
    }
  }
  const mentions = new Map<RawFinding, Mention>()
  const unread: string[] = []
  for (const path of left === 0 ? [] : workspace.facts.keys()) {
    if (mentions.size === left) break
    const kind = kindOf(path)
    if (kind === 'binary' || kind === 'lockfile' || past.test(path)) continue
    const text = workspace.textOf(path)
    if (text.length > largestText) unread.push(path)
    else searchText({ path, kind, text: kind === 'manifest' ? withoutDependencies(text) : text }, wanted, { workspace, mentions })
  }
  return { mentions, unread }
}

const largestText = 8_000_000

/** They tell what was there before. */
const past =
  /(?:^|\/)(?:CHANGELOG|CHANGES|HISTORY|RELEASES?)[\w.-]*$|(?:^|\/)\.changeset\/|^pnpm-workspace\.yaml$|(?:^|\/)\.yarn\/|^harness\/baseline\//i

interface Searched {
  readonly path: string
  readonly kind: ReturnType<typeof kindOf>
  readonly text: string
}

interface Searching {
  readonly workspace: Workspace
  readonly mentions: Map<RawFinding, Mention>
}

function searchText(file: Searched, wanted: ReadonlyMap<string, readonly Wanted[]>, { workspace, mentions }: Searching): void {
  const { text } = file
  const own = workspace.packageOf(file.path)
  let [line, counted] = [1, 0]
  word.lastIndex = 0
  for (let match = word.exec(text); match !== null; match = word.exec(text)) {
    for (const part of partsOf(match[0])) {
      for (const { finding, claim, node } of wanted.get(part) ?? []) {
        if (mentions.has(finding) || !countsFor(claim, { file, finding, node, own, at: match.index, length: match[0].length }))
          continue
        for (; counted < match.index; counted++) if (text.charCodeAt(counted) === 10) line++
        mentions.set(finding, { file: file.path, line })
      }
    }
  }
}

const word = /[@\w$\u0080-\uffff][\w$.@/\u0080-\uffff-]*/g

/** What one word of a text may name: itself, a package of a path in it, a file, the parts between dots. */
function partsOf(text: string): string[] {
  const whole = text.replace(/[./-]+$/, '')
  const parts = new Set([whole])
  const scoped = /^(?:@[^/]+\/)?[^/]+/.exec(whole)?.[0]
  if (scoped !== undefined) parts.add(scoped).add(scoped.replace(/(.)@.*$/, '$1'))
  const segments = whole.split('/')
  const last = segments.at(-1) ?? ''
  parts.add(last)
  if (segments.length > 1)
    parts.add(segments.slice(-2).join('/')).add(
      segments
        .slice(-2)
        .join('/')
        .replace(/\.\w+$/, ''),
    )
  if (whole.includes('.') && whole.length < 200) for (const part of last.split('.')) parts.add(part)
  return [...parts]
}

interface Place {
  readonly file: Searched
  readonly finding: RawFinding
  readonly node: PackageNode | null
  readonly own: PackageNode | null
  readonly at: number
  readonly length: number
}

function countsFor(claim: UnusedClaim, { file, finding, node, own, at, length }: Place): boolean {
  const isCode = file.kind === 'source'
  if (claim.kind === 'dependency') {
    if (node === own || !own?.isMember) return true
    // Code of a package that declares it itself speaks of its own; any other that names it may find the one that is declared here.
    if (!declares(own, claim.subject)) return true
    return !isCode && (own.dir === '' || (node !== null && own.dir.startsWith(`${node.dir}/`)))
  }
  if (file.path === finding.file) return false
  if (claim.kind === 'file' || (!isCode && file.kind !== 'document')) return true
  // Imports were looked at: what is left in code is a name as a text, and in prose one that is set as code.
  const [before, after] = [file.text.charAt(at - 1), file.text.charAt(at + length)]
  return isCode ? before === after && /['"`]/.test(before) : /['"`.([]/.test(before) || /['"`(]/.test(after)
}

function declares({ manifest }: PackageNode, name: string): boolean {
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest
  return [dependencies, devDependencies, peerDependencies, optionalDependencies].some((list) => list[name] !== undefined)
}

/** A manifest without what it declares: there each dependency is named. */
function withoutDependencies(text: string): string {
  return text.replace(
    /"(?:\w*[dD]ependencies(?:Meta)?|overrides|resolutions|catalogs?|packageExtensions)"\s*:\s*[{[][^}\]]*[}\]]?/g,
    (part) => part.replace(/[^\n]/g, ' '),
  )
}
