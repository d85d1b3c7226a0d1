import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Lang, parseAsync, type NapiConfig, type SgNode } from '@ast-grep/napi'
import { CoxError, errorMessage, mapLimit } from '@coxswain/kernel'
import type { CheckFinding, CheckRequest } from './check-runner.ts'

const languages: Readonly<Record<string, { readonly lang: Lang; readonly extensions: readonly string[] }>> = {
  ts: { lang: Lang.TypeScript, extensions: ['.ts', '.mts', '.cts'] },
  tsx: { lang: Lang.Tsx, extensions: ['.tsx'] },
  js: { lang: Lang.JavaScript, extensions: ['.js', '.mjs', '.cjs', '.jsx'] },
  css: { lang: Lang.Css, extensions: ['.css'] },
  html: { lang: Lang.Html, extensions: ['.html', '.htm'] },
}
const aliases: Readonly<Record<string, string>> = { typescript: 'ts', javascript: 'js', jsx: 'js' }

/** Runs a pattern or an ast-grep rule object. TypeScript rules also see `.tsx`. @throws CoxError CHECK_BROKEN */
export async function runAstGrep(request: CheckRequest): Promise<readonly CheckFinding[]> {
  const { check } = request
  if (!('language' in check)) throw new Error('not an ast-grep check')
  const name = aliases[check.language.toLowerCase()] ?? check.language.toLowerCase()
  const config = 'pattern' in check ? { rule: { pattern: check.pattern } } : ruleObject(check)
  const found = await mapLimit(request.files, 8, async (file) => {
    const lang = languageOf(name, file)
    if (lang === null) return []
    request.signal?.throwIfAborted()
    return findIn(lang, config, { file, text: await readFile(join(request.root, file), 'utf8') })
  })
  return found.flat()
}

function ruleObject(check: {
  readonly match: Record<string, unknown>
  readonly constraints?: Record<string, unknown> | undefined
}): NapiConfig {
  // ast-grep validates rule objects when it runs them; its static type cannot describe data read from a file.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { rule: check.match, ...(check.constraints === undefined ? {} : { constraints: check.constraints }) } as NapiConfig
}

function languageOf(name: string, file: string): Lang | null {
  const known = languages[name]
  if (known === undefined)
    throw brokenCheck(
      `"${name}" is not a language that patterns can be written in`,
      `Use one of: ${Object.keys(languages).join(', ')}.`,
    )
  const extension = extname(file)
  if (known.extensions.includes(extension)) return known.lang
  return name === 'ts' && extension === '.tsx' ? Lang.Tsx : null
}

async function findIn(
  lang: Lang,
  config: NapiConfig,
  source: { readonly file: string; readonly text: string },
): Promise<CheckFinding[]> {
  const tree = await parseAsync(lang, source.text)
  try {
    return tree
      .root()
      .findAll(config)
      .map((node: SgNode) => ({ file: source.file, line: node.range().start.line + 1, text: node.text().slice(0, 200) }))
  } catch (error) {
    throw brokenCheck(
      `The ast-grep rule is not valid: ${errorMessage(error)}`,
      'Correct the pattern; $NAME matches one node, $$$NAMES several.',
      error,
    )
  }
}

function brokenCheck(message: string, hint: string, cause?: unknown): CoxError {
  return new CoxError('CHECK_BROKEN', message, { hint, ...(cause === undefined ? {} : { cause }) })
}
