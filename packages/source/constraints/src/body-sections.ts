import type { ExampleFile } from './constraint.ts'

export interface Section {
  readonly heading: string
  /** From 1, within the file. */
  readonly line: number
  readonly text: string
}

export interface Body {
  readonly title: string
  readonly titleLine: number
  readonly sections: readonly Section[]
}

/** Splits a constraint's prose at its `#` and `##` headings; headings inside fences are text. */
export function readBody(body: string, firstLine: number): Body {
  const lines = body.split(/\r?\n/)
  const isFenced = fencedLines(lines)
  const headings = lines.flatMap((line, index) => {
    const match = isFenced[index] === true ? null : /^(#{1,2})[ \t]+(.*?)[ \t]*#*[ \t]*$/.exec(line)
    return match === null ? [] : [{ index, depth: match[1]?.length ?? 0, text: match[2] ?? '' }]
  })
  const title = headings.find((heading) => heading.depth === 1)
  const second = headings.filter((heading) => heading.depth === 2)
  const sections = second.map((heading) => {
    const next = headings.find((other) => other.index > heading.index)
    const text = lines.slice(heading.index + 1, next?.index ?? lines.length).join('\n')
    return { heading: heading.text, line: firstLine + heading.index, text: text.trim() }
  })
  return { title: title?.text ?? '', titleLine: firstLine + (title?.index ?? 0), sections }
}

/** The fenced blocks of a section, as files; `place` numbers those without a path. */
export function readExamples(text: string): ExampleFile[] {
  const lines = text.split('\n')
  const files: ExampleFile[] = []
  for (let index = 0; index < lines.length; index += 1) {
    const fence = openingFence(lines[index] ?? '')
    if (fence === null) continue
    const end = closingIndex(lines, index, fence.marker)
    const [language = '', path = ''] = fence.info.split(/\s+/)
    const content = lines.slice(index + 1, end)
    files.push({ language, path, text: content.length === 0 ? '' : `${content.join('\n')}\n` })
    index = end
  }
  return files
}

function fencedLines(lines: readonly string[]): boolean[] {
  const marks = lines.map(() => false)
  for (let index = 0; index < lines.length; index += 1) {
    const fence = openingFence(lines[index] ?? '')
    if (fence === null) continue
    const end = closingIndex(lines, index, fence.marker)
    for (let inside = index; inside <= end && inside < lines.length; inside += 1) marks[inside] = true
    index = end
  }
  return marks
}

function openingFence(line: string): { readonly marker: string; readonly info: string } | null {
  const match = /^ {0,3}(`{3,}|~{3,})[ \t]*([^`]*)$/.exec(line)
  return match === null ? null : { marker: match[1] ?? '', info: (match[2] ?? '').trim() }
}

function closingIndex(lines: readonly string[], opening: number, marker: string): number {
  for (let index = opening + 1; index < lines.length; index += 1) {
    const line = (lines[index] ?? '').trim()
    if (line.length >= marker.length && line === (marker[0] ?? '').repeat(line.length)) return index
  }
  return lines.length
}
