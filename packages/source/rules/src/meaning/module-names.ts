/** What a module gives its own names to: text of its declarations, and names of other modules. */
export interface ModuleNames {
  readonly locals: ReadonlyMap<string, string>
  /** `module#export` by local name; the module as it is written. */
  readonly imports: ReadonlyMap<string, readonly [module: string, name: string]>
}

/** Read from the text: asked of the few files only that hold a copy of something. */
export function readModuleNames(text: string): ModuleNames {
  const locals = new Map<string, string>()
  const imports = new Map<string, readonly [string, string]>()
  for (const statement of topStatements(text)) {
    const code = withoutComments(statement)
    if (/^\s*import\b(?!\s*[(.])/.test(code)) readImport(code, imports)
    else for (const name of declaredIn(code)) locals.set(name, `${locals.get(name) ?? ''}${code}`)
  }
  return { locals, imports }
}

/** The statements of a module, cut where a line begins at the depth of none: what stands in brackets, texts and comments is within one. */
function topStatements(text: string): string[] {
  const found: string[] = []
  let [start, depth, isOpen] = [0, 0, false]
  pieces.lastIndex = 0
  for (let match = pieces.exec(text); match !== null; match = pieces.exec(text)) {
    const [piece] = match
    if (/^[([{]$/.test(piece)) depth++
    else if (/^[)\]}]$/.test(piece)) depth = Math.max(0, depth - 1)
    const cut = piece === ';' ? pieces.lastIndex : match.index
    const isNext =
      piece === ';' ||
      (piece.startsWith('\n') && !isOpen && startsStatement.test(text.slice(pieces.lastIndex, pieces.lastIndex + 40)))
    if (depth === 0 && isNext && cut > start) {
      found.push(text.slice(start, cut))
      start = cut
    }
    if (!/^\s*$/.test(piece) && !piece.startsWith('//') && !piece.startsWith('/*')) isOpen = /^[=,+?:&|<-]$/.test(piece)
  }
  return [...found, text.slice(start)]
}

const pieces =
  /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*|[([{)\]};]|\n\s*|[=,+?:&|<-]|[^\s]/g
const startsStatement =
  /^(?:export|import|const|let|var|async|function|class|abstract|enum|type|interface|namespace|declare|if|for|while|try|switch|await|throw|\/\/|\/\*|@|[\w$]+[.(])/

function withoutComments(text: string): string {
  return text.replace(/('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`)|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/g, '$1')
}

function readImport(code: string, into: Map<string, readonly [string, string]>): void {
  const [, clause = '', from = ''] = /^\s*import\s+(?:type\s+)?([\s\S]*?)\s*from\s*['"]([^'"]+)['"]/.exec(code) ?? []
  const required = /^\s*import\s+([\w$]+)\s*=\s*require\s*\(\s*['"]([^'"]+)['"]/.exec(code)
  if (required !== null) into.set(required[1] ?? '', [required[2] ?? '', '='])
  for (const [, imported = '', local = imported] of (/\{([^}]*)\}/.exec(clause)?.[1] ?? '').matchAll(
    /(?:^|,)\s*(?:type\s+)?([\w$\u0080-\uffff]+)(?:\s+as\s+([\w$\u0080-\uffff]+))?/g,
  ))
    into.set(local, [from, imported])
  const all = /\*\s*as\s+([\w$]+)/.exec(clause)?.[1]
  if (all !== undefined) into.set(all, [from, '*'])
  const own = /^([\w$]+)(?=\s*(?:,|$))/.exec(clause)?.[1]
  if (own !== undefined) into.set(own, [from, 'default'])
}

/** Every name that a declaration of the module could give: one too many keeps two functions apart, one too few would join them. */
function declaredIn(code: string): readonly string[] {
  const declared =
    /^\s*(?:export\s+)?(?:default\s+)?(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(function|class|const|let|var|enum|type|interface|namespace)\b\s*(?:enum\s+)?\*?\s*([\s\S]*)/.exec(
      code,
    )
  const [, kind = '', rest = ''] = declared ?? []
  if (kind === 'const' || kind === 'let' || kind === 'var') return [...new Set(boundNames(rest))]
  const name = /^[\w$\u0080-\uffff]+/.exec(rest)?.[0]
  return name === undefined ? [] : [name]
}

function boundNames(rest: string): string[] {
  const pattern = /^[{[][\s\S]*?[}\]]\s*(?::[^=]*)?=(?![=>])/.exec(rest)?.[0].match(/[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*/g)
  const declarators = [...rest.matchAll(/(?:^|,)\s*([A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)\s*(?=[:=,;!]|$)/g)]
  return [...(pattern ?? []), ...declarators.map(([, name = '']) => name)]
}
