/** What an expression says about the module it names. */
export type ComputedName =
  | { readonly kind: 'plain'; readonly name: string }
  /** Files or packages that begin so. */
  | { readonly kind: 'pattern'; readonly names: readonly string[] }
  | { readonly kind: 'unknown' }

/** Of `'./a.ts'`, `./pages/${name}.ts` as a template, `'./pages/' + name`, `join(__dirname, 'pages', name)`. */
export function readComputedName(expression: string): ComputedName {
  const text = expression.trim().replace(/^(?:\/\*[\s\S]*?\*\/\s*)+/, '')
  const plain = /^(?:'([^'\n]+)'|"([^"\n]+)"|`([^`$]+)`)\s*(?:,[\s\S]*)?$/.exec(text)
  const name = plain?.[1] ?? plain?.[2] ?? plain?.[3]
  if (name !== undefined) return { kind: 'plain', name }
  const choice = /^[^'"`?]{1,120}\?\s*('[^'\n]+'|"[^"\n]+")\s*:\s*('[^'\n]+'|"[^"\n]+")$/.exec(text)
  if (choice !== null) return { kind: 'pattern', names: [choice[1], choice[2]].map((quoted) => (quoted ?? '').slice(1, -1)) }
  const head = /^['"`]([^'"`$\n]*)(?:\$\{|['"`]\s*\+)/.exec(text)?.[1] ?? joinedHead(text)
  if (head === undefined || !/^\.{1,2}\/|^(?:@[\w.-]+\/)?[\w.-]+\//.test(head)) return { kind: 'unknown' }
  return { kind: 'pattern', names: [head.endsWith('/') ? `${head}**` : `${head}*`] }
}

/** Parts of a path behind the folder of the file itself. */
function joinedHead(text: string): string | undefined {
  const start = /(?:__dirname|import\.meta\.dirname)\s*(?:,|\+)\s*(['"`][^'"`$\n]*['"`](?:\s*,\s*['"`][^'"`$\n]*['"`])*)?/.exec(
    text,
  )
  const parts = start?.[1]?.match(/[^'"`,\s]+/g)
  if (parts == null) return undefined
  const path = `./${parts.join('/').replace(/^\//, '')}`
  return /\.\w+$/.test(path) || path.endsWith('/') ? path : `${path}/`
}
