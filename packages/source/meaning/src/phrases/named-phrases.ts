import { coreRule, isRecord, rows } from './linter-rows.ts'
import type { LinterRow, Meaning } from './meaning.ts'
import type { Said } from './read-meaning.ts'

const never = "(?:please )?(?:(?:you |we )?(?:do not|don't|dont|never|must not|must never|may not|cannot|can't)(?: ever)?)"
const module = String.raw`(?:\x60(?<code>(?:@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*)\x60|["'](?<quoted>(?:@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*)["'])`
const importsOf = new RegExp(`^(?:${never} import|no imports? (?:of|from)) (?:from )?${module}$`, 'u')
const importsName = new RegExp(`^${never} import \`(?<name>[A-Za-z_$][\\w$]*)\` from (?:${module}|(?<bare>[a-z][\\w-]*))$`, 'u')
const usesLibrary = new RegExp(`^(?<ask>${never} use|no|avoid(?: using)?) ${module}$`, 'u')
const calls =
  /^(?<ask>(?:please )?(?:do not|don't|dont|never|must not|must never) (?:call|use)|no|avoid(?: calling| using)?) `(?<code>[A-Za-z]+(?:\.[A-Za-z]+)*)(?<call>\(\))?`$/u
const globals = new RegExp(
  `^(?:${never} (?:call|use) (?:the )?global|no global) \`(?<name>fetch|event|name|open|status)\`(?: here)?$`,
  'u',
)

/** Packages whose use is their import. */
const libraries = new Set(
  'ajv async axios bluebird chalk classnames commander cross-fetch date-fns dayjs got immutable io-ts jquery joi left-pad lodash lodash-es luxon mkdirp moment moment-timezone nanoid node-fetch q ramda request rimraf rxjs superagent underscore uuid yup zod'.split(
    ' ',
  ),
)
/** What the language and its hosts bring: such a name in code means this and nothing else. */
const hosts = new Set(
  'Date Math JSON Object Promise Reflect Buffer process performance crypto localStorage sessionStorage document window navigator'.split(
    ' ',
  ),
)
const functions = new Set(
  'setTimeout setInterval setImmediate structuredClone alert confirm prompt requestAnimationFrame queueMicrotask'.split(' '),
)

/** What is forbidden by its own name: a package, a name out of a package, a global, a function. */
export function namedMeaning(text: string): Said | null {
  const name = importsName.exec(text)?.groups
  if (name !== undefined) return said(nameMeaning(name['code'] ?? name['quoted'] ?? name['bare'] ?? '', name['name'] ?? ''))
  const imported = importsOf.exec(text)?.groups
  if (imported !== undefined) return said(importMeaning(imported['code'] ?? imported['quoted'] ?? ''))
  const used = usesLibrary.exec(text)?.groups
  const library = used?.['code'] ?? used?.['quoted'] ?? ''
  if (libraries.has(library)) return said(importMeaning(library), used?.['ask']?.startsWith('avoid'))
  const global = globals.exec(text)?.groups?.['name']
  if (global !== undefined) return said(globalMeaning(global))
  return calledMeaning(text)
}

function said(meaning: Meaning, isSoft = false): Said {
  return { meaning, isSoft, alternative: null }
}

function calledMeaning(text: string): Said | null {
  const found = calls.exec(text)?.groups
  const code = found?.['code'] ?? ''
  const [host = '', ...members] = code.split('.')
  const isMember = hosts.has(host) && members.length === 1
  const isFunction = members.length === 0 && functions.has(host)
  if (!isMember && !isFunction) return null
  const calling = isFunction || / call/.test(` ${found?.['ask'] ?? ''}`) || found?.['call'] !== undefined
  const look = calling ? { pattern: `${code}($$$)` } : { pattern: code }
  return said(
    {
      id: `no-${code}`,
      token: code,
      about: 'any',
      check: { kind: 'pattern', look },
      bad: `export const value = ${code}()\n`,
      good: 'export const value = 1\n',
      linters: [],
    },
    found?.['ask']?.startsWith('avoid'),
  )
}

/** A module by its name, or what lies in it. */
function moduleText(name: string): string {
  return `^.${name.replaceAll(/[.+?^${}()|[\]\\/]/g, String.raw`\$&`)}(?:\\/.*)?.$`
}

function importMeaning(name: string): Meaning {
  const source = { kind: 'string', regex: moduleText(name) }
  const called = { kind: 'call_expression', has: { kind: 'arguments', has: source } }
  return {
    id: `no-import-${name}`,
    token: name,
    about: 'any',
    check: {
      kind: 'pattern',
      look: {
        any: [
          { kind: 'import_statement', has: { field: 'source', ...source } },
          { kind: 'export_statement', has: { field: 'source', ...source } },
          { ...called, regex: '^(?:require|import)\\b' },
        ],
      },
    },
    bad: `import value from '${name}'\nexport { value }\n`,
    good: "import value from './value.js'\nexport { value }\n",
    linters: [],
  }
}

function nameMeaning(from: string, name: string): Meaning {
  return {
    id: `no-import-${from}-${name}`,
    token: name,
    about: 'any',
    check: {
      kind: 'pattern',
      look: {
        kind: 'import_statement',
        all: [
          { has: { field: 'source', kind: 'string', regex: `^.${from.replaceAll(/[.+?^${}()|[\]\\/]/g, String.raw`\$&`)}.$` } },
          { has: { kind: 'import_specifier', stopBy: 'end', has: { field: 'name', regex: `^${name.replaceAll('$', '\\$')}$` } } },
        ],
      },
    },
    bad: `import { ${name} } from '${from}'\nexport { ${name} }\n`,
    good: `import { other } from '${from}'\nexport { other }\n`,
    linters: rows(coreRule('no-restricted-imports'), (options) => options.some((option) => restrictsName(option, from, name))),
  }
}

/** `paths` or the entries themselves; an entry that lets types through is weaker. */
function restrictsName(option: unknown, from: string, name: string): boolean {
  if (!isRecord(option)) return false
  const entries: readonly unknown[] = Array.isArray(option['paths']) ? option['paths'] : [option]
  return entries.some((entry) => {
    if (!isRecord(entry) || entry['name'] !== from || entry['allowTypeImports'] === true || 'allowImportNames' in entry)
      return false
    const names = entry['importNames']
    return names === undefined || (Array.isArray(names) && names.includes(name))
  })
}

function globalMeaning(name: string): Meaning {
  const isNamed = (option: unknown): boolean => option === name || (isRecord(option) && option['name'] === name)
  const linters: readonly LinterRow[] = rows(coreRule('no-restricted-globals'), (options) => options.some(isNamed))
  return {
    id: `no-global-${name}`,
    token: name,
    about: 'any',
    check: {
      kind: 'pattern',
      look: { kind: 'call_expression', has: { field: 'function', kind: 'identifier', regex: `^${name}$` } },
    },
    bad: `export const value = ${name}('/orders')\n`,
    good: "export const value = request('/orders')\n",
    linters,
  }
}
