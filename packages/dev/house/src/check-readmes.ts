import type { Finding, House } from './house.ts'

/** Every room explains itself under the same five heads. */
export function checkReadmes({ rooms }: House): Finding[] {
  return rooms.flatMap(({ id, readme }): Finding[] => {
    if (readme === null) return [finding(id, 'has no README.md')]
    const found = [...readme.matchAll(/^## (.+)$/gm)].map((match) => match[1])
    if (found.join('\n') !== heads.join('\n')) return [finding(id, `README.md has the heads ${found.join(', ') || 'none'}`)]
    return []
  })
}

const heads = ['Purpose', 'Door', 'May import', 'Invariants', 'How to test']

function finding(at: string, what: string): Finding {
  return { wall: 'readme', at, what, why: `A reader finds the same five heads everywhere: ${heads.join(', ')}.` }
}
