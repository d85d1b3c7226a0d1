import { fromMarkdown } from 'mdast-util-from-markdown'

export interface MovedSection {
  readonly heading: string
  readonly lines: number
  /** Where its words stand now. */
  readonly to: string
}

export interface RootMap {
  readonly text: string
  readonly files: readonly { readonly path: string; readonly text: string }[]
  readonly sections: readonly MovedSection[]
}

export interface RootMapOptions {
  readonly text: string
  /** How long the root may be. */
  readonly most: number
  readonly isTaken: (path: string) => boolean
}

const home = 'docs/agents'
/** What holds at every start has to be there at every start. */
const binding =
  /\b(?:polic(?:y|ies)|rules?|mandatory|must|musts|critical|important|never|always|do(?: not|n['’]?ts?)|security|required)\b/i
/** A shorter section costs about as much as the line that would name it. */
const fewestLines = 8

/** The root as a map: its largest sections move to files of their own until it is short enough, each leaving a line that names it. No word is lost. */
export function planRootMap({ text, most, isTaken }: RootMapOptions): RootMap | null {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text.split(/\r?\n/)
  const sections = sectionsOf(lines)
  const anchors = new Set([...text.matchAll(/\]\(#([^)\s]+)\)/g)].map((match) => match[1] ?? ''))
  const hasDefinitions = /^ {0,3}\[[^\]]+\]:\s/m.test(text)
  const movable = sections.filter(
    (section) =>
      !binding.test(section.heading) && isMovable(lines.slice(section.start, section.end), { anchors, hasDefinitions }),
  )
  const chosen: (Section & MovedSection)[] = []
  let length = lines.length
  for (const section of movable.toSorted((a, b) => b.end - b.start - (a.end - a.start))) {
    if (length <= most) break
    const to = freePath(section.heading, (path) => isTaken(path) || chosen.some((one) => one.to === path))
    chosen.push({ ...section, lines: section.end - section.start, to })
    length -= section.end - section.start - pointerTo('', '').length
  }
  if (chosen.length === 0) return null
  const ordered = chosen.toSorted((a, b) => a.start - b.start)
  const kept = lines.flatMap((line, index) => {
    const section = ordered.find(({ start, end }) => index >= start && index < end)
    return section === undefined ? [line] : index === section.start ? pointerTo(line, section.to) : []
  })
  return {
    text: kept.join(eol),
    files: ordered.map((section) => ({ path: section.to, text: sectionText(lines, section).join(eol) })),
    sections: ordered.map(({ heading, lines: count, to }) => ({ heading, lines: count, to })),
  }
}

interface Section {
  readonly heading: string
  /** Its heading's line, from 0. */
  readonly start: number
  /** After its last line. */
  readonly end: number
}

/** What stands below each heading of the second level. */
function sectionsOf(lines: readonly string[]): Section[] {
  const tree = fromMarkdown(lines.join('\n'))
  const headings = tree.children.flatMap((node) =>
    node.type === 'heading' && node.depth <= 2 ? [{ depth: node.depth, start: (node.position?.start.line ?? 1) - 1 }] : [],
  )
  return headings.flatMap(({ depth, start }, index) => {
    const heading = /^##\s+(.*?)[\s#]*$/.exec(lines[start] ?? '')?.[1] ?? ''
    if (depth !== 2 || heading === '') return []
    return [{ heading, start, end: headings[index + 1]?.start ?? lines.length }]
  })
}

/** What other words point into, what points into other words, what programs import and what is generated stays where it is. */
function isMovable(
  lines: readonly string[],
  whole: { readonly anchors: ReadonlySet<string>; readonly hasDefinitions: boolean },
): boolean {
  const text = lines.join('\n')
  // The section's own heading stays, and what points at it.
  const isPointedAt = lines.slice(1).some((line) => /^#{2,6} /.test(line) && whole.anchors.has(anchorOf(line)))
  const pointsAway = /\]\(#/.test(text) || (whole.hasDefinitions && /\[[^\]]+\](?!\()/.test(text))
  return lines.length >= fewestLines && !isPointedAt && !pointsAway && !/^\s*@\S|cox:begin|^<{7} /m.test(text)
}

function pointerTo(headingLine: string, to: string): string[] {
  return [headingLine, '', `Read [${to}](${to}) before work that this is about.`, '']
}

/** The heading becomes the file's title, and links keep their targets. */
function sectionText(lines: readonly string[], { heading, start, end }: Section): string[] {
  const body = lines.slice(start + 1, end).map((line) => line.replaceAll(/(\]\()([^)\s]+)/g, relinked))
  while (body.at(-1)?.trim() === '') body.pop()
  return [`# ${heading}`, ...body, '']
}

function relinked(_: string, open: string, target: string): string {
  const isRelative = !/^(?:[a-z][a-z0-9+.-]*:|[/#<])/i.test(target)
  return `${open}${isRelative ? `../../${target.replace(/^\.\//, '')}` : target}`
}

/** As GitHub forms it: each space becomes a hyphen. */
function anchorOf(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-')
}

function freePath(heading: string, isTaken: (path: string) => boolean): string {
  const base =
    anchorOf(heading)
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, 60) || 'section'
  for (let count = 1; ; count += 1) {
    const path = `${home}/${base}${count === 1 ? '' : `-${count}`}.md`
    if (!isTaken(path)) return path
  }
}
