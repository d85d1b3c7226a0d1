import { isStartedElsewhere } from '@coxswain/rules'
import type { CheckSession } from './check-session.ts'

const judging = new Set(['unused-file', 'unused-export', 'unused-dependency'])
const mostShown = 4

/** Of a package without a known way in nothing is said to be unused: that is no word that all of it is in use. */
export function noteWithoutEntry({ workspace, config }: CheckSession, covers: (file: string) => boolean): string[] {
  if (!config.rules.some(({ rule }) => judging.has(rule.id))) return []
  const places = workspace.packages
    .filter(
      (node) => node.isMember && workspace.entryOf(node) === null && node.files.some((file) => isJudged(file) && covers(file)),
    )
    .map(({ name, dir }) => name ?? (dir || 'the root'))
  if (places.length === 0) return []
  const shown = places.length > mostShown ? [...places.slice(0, mostShown), `${places.length - mostShown} more`] : places
  return [
    `not judged whether in use: what is in ${shown.join(', ')}, because no entry is known there: \`main\` or \`exports\` in package.json would name one`,
  ]
}

function isJudged(file: string): boolean {
  return /\.[cm]?tsx?$/.test(file) && !isStartedElsewhere(file)
}
