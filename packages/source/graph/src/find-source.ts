import type { FileFacts } from '@coxswain/facts'

/** The source file that a path without extension, with a compiled extension or of a folder stands for. */
export function findSource(path: string, facts: ReadonlyMap<string, FileFacts>): string | null {
  if (facts.has(path)) return path
  const compiled = /^(.*)\.([cm]?)js(x?)$/.exec(path)
  if (compiled !== null) {
    const [, stem = '', flavour = '', jsx = ''] = compiled
    for (const candidate of [`${stem}.${flavour}ts${jsx}`, `${stem}.${flavour}tsx`, `${stem}.d.${flavour}ts`])
      if (facts.has(candidate)) return candidate
  }
  for (const extension of extensions) if (facts.has(path + extension)) return path + extension
  for (const extension of extensions) {
    const index = path === '' ? `index${extension}` : `${path}/index${extension}`
    if (facts.has(index)) return index
  }
  return null
}

const extensions = ['.ts', '.tsx', '.d.ts', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json', '.vue', '.svelte']

/** The part of a sorted list that begins with a text. */
export function filesBelow(sorted: readonly string[], head: string): string[] {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? '') < head) low = middle + 1
    else high = middle
  }
  const found: string[] = []
  for (let at = low; sorted[at]?.startsWith(head) === true; at++) found.push(sorted[at] ?? '')
  return found
}
