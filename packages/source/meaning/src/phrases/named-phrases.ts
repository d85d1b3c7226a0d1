import { escaped, insteadClause } from './instead-clause.ts'
import { coreRule, isRecord, rows } from './linter-rows.ts'
import type { LinterRow, Meaning } from './meaning.ts'
import type { Said } from './read-meaning.ts'

const never = "(?:please )?(?:(?:you |we )?(?:do not|don't|dont|never|must not|must never|may not|cannot|can't)(?: ever)?)"
const module = String.raw`(?:\x60(?<code>(?:@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*)\x60|["'](?<quoted>(?:@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*)["'])`
const importsOf = new RegExp(`^(?:${never} import|no imports? (?:of|from)) (?:from )?${module}$`, 'u')
const importsName = new RegExp(`^${never} import \`(?<name>[A-Za-z_$][\\w$]*)\` from (?:${module}|(?<bare>[a-z][\\w-]*))$`, 'u')
const usesLibrary = new RegExp(`^(?<ask>${never} use|no|avoid(?: using)?) ${module}$`, 'u')
const calls =
  /^(?<ask>(?:please )?(?:do not|don't|dont|never|must not|must never) (?:call|use)|no|avoid(?: calling| using)?) (?<codes>`[A-Za-z_]+(?:\.[A-Za-z]+)*(?:\(\))?`)$/u
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
  'Date Math Symbol JSON Object Promise Reflect Buffer process performance crypto localStorage sessionStorage document window navigator'.split(
    ' ',
  ),
)
/** Names that Node.js gives to each module. */
const moduleNames = new Set(['__dirname', '__filename'])
const functions = new Set(
  'setTimeout setInterval setImmediate structuredClone alert confirm prompt requestAnimationFrame queueMicrotask'.split(' '),
)

/** What is forbidden by its own name: a package, a name out of a package, a global, a function. */
export function namedMeaning(whole: string): Said | null {
  const found = withInstead.exec(whole)?.groups
  const known = clauseMeaning(found?.['clause'] ?? whole)
  return known === null ? null : { ...known, alternative: found?.['after'] ?? found?.['alone'] ?? null }
}

const withInstead = new RegExp(`^(?<clause>.+?)${insteadClause()}$`, 'u')

function clauseMeaning(text: string): Said | null {
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
  const ask = found?.['ask'] ?? ''
  const codes = [...(found?.['codes'] ?? '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
  const looks = codes.map((code) => lookFor(code, / call/.test(` ${ask}`)))
  const [first] = codes
  if (first === undefined || looks.includes(null)) return null
  const [only, ...others] = looks
  // Each of several names would need an example of its own.
  if (others.length > 0 || only === null || only === undefined) return null
  const name = first.replace(/\(\)$/, '')
  return said(
    {
      id: `no-${name}`,
      token: name,
      about: 'any',
      check: { kind: 'pattern', look: only },
      bad: moduleNames.has(name) ? `export const value = ${name}\n` : `export const value = ${name}()\n`,
      good: 'export const value = 1\n',
      linters: [],
    },
    ask.startsWith('avoid'),
  )
}

/** Null for a name that may mean several things. */
function lookFor(written: string, isCalled: boolean): Readonly<Record<string, unknown>> | null {
  const code = written.replace(/\(\)$/, '')
  const [host = '', ...members] = code.split('.')
  if (moduleNames.has(code)) return isCalled ? null : { kind: 'identifier', regex: `^${escaped(code)}$` }
  const isFunction = members.length === 0 && functions.has(host)
  if (!isFunction && !(hosts.has(host) && members.length === 1)) return null
  return isFunction || isCalled || written.endsWith('()') ? { pattern: `${code}($$$)` } : { pattern: code }
}

/** A module by its name, or what lies in it. */
function moduleText(name: string): string {
  return `^.${escaped(name)}(?:\\/.*)?.$`
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
          { has: { field: 'source', kind: 'string', regex: `^.${escaped(from)}.$` } },
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
    // A pattern cannot tell the global from a name that the module brings in.
    check: null,
    bad: `export const value = ${name}('/orders')\n`,
    good: `import { ${name} } from 'request'\nexport const value = ${name}('/orders')\n`,
    linters,
  }
}
