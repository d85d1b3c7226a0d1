import type { Finding, House, TextFile } from './house.ts'
import type { ForbiddenText, Walls } from './walls-shape.ts'

/** What no tracked file may say. */
export function checkTexts({ texts }: House, { words }: Walls): Finding[] {
  return words.flatMap((word) => texts.filter(({ path }) => !word.except?.test(path)).flatMap((file) => findIn(file, word)))
}

function findIn({ path, text }: TextFile, { pattern, why }: ForbiddenText): Finding[] {
  if (!pattern.test(text)) return []
  return text.split('\n').flatMap((line, index) => {
    const said = pattern.exec(line)?.[0]
    return said === undefined ? [] : [{ wall: 'text', at: `${path}:${index + 1}`, what: `says ${JSON.stringify(said)}`, why }]
  })
}
