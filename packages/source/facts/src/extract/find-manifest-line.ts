/** The line of `scripts`, `scripts.build` or `dependencies.zod` in a package.json that has parsed; 1 when it is not there. */
export function findManifestLine(text: string, key: string): number {
  let depth = 0
  let line = 1
  let parent = ''
  for (const token of text.matchAll(/"((?:[^"\\]|\\.)*)"(\s*:)?|[{}[\]\n]/g)) {
    if (token[0] === '\n') line++
    else if (token[0] === '{' || token[0] === '[') depth++
    else if (token[0] === '}' || token[0] === ']') depth--
    else if (token[2] !== undefined && depth <= 2) {
      if (depth === 1) parent = token[1] ?? ''
      if (key === (depth === 1 ? parent : `${parent}.${token[1]}`)) return line
    }
  }
  return 1
}
