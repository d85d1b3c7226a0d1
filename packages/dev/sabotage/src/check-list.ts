import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { occurrences } from './apply-sabotage.ts'
import type { SabotageList } from './read-list.ts'

/** What keeps the list from being what it says: without running a test. */
export function checkList(root: string, list: SabotageList): readonly string[] {
  const promised = promisesOf(root)
  const broken = new Set(list.sabotages.map(({ promise }) => promise))
  const excused = list.without.flatMap(({ promises }) => promises)
  return [
    ...list.sabotages.flatMap(({ promise, file, from }) => {
      const found = occurrences(root, file, from)
      return found === 1 ? [] : [`${promise}: \`from\` occurs ${found} times in ${file}: ${firstLine(from)}`]
    }),
    ...[...broken, ...excused].filter((id) => !promised.has(id)).map((id) => `${id} is promised nowhere in specs/`),
    ...excused.filter((id, index) => broken.has(id) || excused.indexOf(id) !== index).map((id) => `${id} is listed twice`),
    ...unlisted([...promised].filter((id) => !broken.has(id) && !excused.includes(id))),
  ]
}

function unlisted(ids: readonly string[]): readonly string[] {
  return ids.length === 0 ? [] : [`neither a sabotage nor a reason to have none: ${ids.join(', ')}`]
}

function promisesOf(root: string): ReadonlySet<string> {
  const folder = join(root, 'specs')
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
  return new Set(texts.flatMap((text) => [...text.matchAll(/^- ([A-Z]+-\d+) /gm)].flatMap(([, id]) => id ?? [])))
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? ''
}
