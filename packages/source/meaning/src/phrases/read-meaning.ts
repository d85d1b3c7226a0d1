import type { Meaning } from './meaning.ts'
import { furtherPhrases } from './further-phrases.ts'
import { escaped, insteadClause, otherThing } from './instead-clause.ts'
import { namedMeaning } from './named-phrases.ts'
import { builtInPhrases } from './built-in-phrases.ts'
import { phrases } from './phrases.ts'
import { shortPhrases } from './short-phrases.ts'

export interface Said {
  readonly meaning: Meaning
  /** "Avoid" asks for less than "never". */
  readonly isSoft: boolean
  /** What the sentence names to be used instead; its words have to live on somewhere. */
  readonly alternative: string | null
}

const all = [...phrases, ...shortPhrases, ...furtherPhrases, ...builtInPhrases]

const article = '(?:(?:the|a|an) )?'
const behind = '(?: (?:types?|keyword|operators?|calls?|statements?|constructs?))?'
const everywhere =
  '(?: (?:anywhere|at all|whatsoever|behind))?(?: in (?:(?:our|the|this|all|any) )?(?:code|codebase|code base|source code|repo|repository|project|types))?'
const verbs = '(?:use|write|create|declare|call|commit|leave|have)'
const never = "(?:do not|don't|dont|never|must not|must never|may not|cannot|can't)(?: ever)?"
const hard: readonly string[] = [
  `(?:please )?(?:you |we )?${never} ${verbs} ${article}<thing>`,
  `no (?:use of |usage of |uses of )?${article}<thing>`,
  `<thing> (?:is|are) (?:strictly |absolutely )?(?:forbidden|banned|prohibited|disallowed|not allowed|not permitted)`,
]
const soft: readonly string[] = [
  `(?:please )?avoid (?:using |the use of |use of |writing )?${article}<thing>`,
  `(?:you |we )?(?:should not|shouldn't|should never) ${verbs} ${article}<thing>`,
]
/** A rule that is named behind the sentence, when it is a rule that says the same. */
const cited = '(?:(?: \\(|: )`<rule>(?:: error)?`\\)?)?'
const instead = insteadClause()
const demand = '(?:please )?(?:(?:you |we )?(?:must|always) )?'

interface Form {
  readonly meaning: Meaning
  readonly isSoft: boolean
  readonly expression: RegExp
}

const forms: readonly Form[] = all.flatMap(({ meaning, forbids, demands }) => {
  const thing = `(?:${forbids.join('|')})${behind}`
  const make = (text: string, isSoft: boolean): Form => ({ meaning, isSoft, expression: new RegExp(`^${text}$`, 'u') })
  const rules = meaning.linters.flatMap((row) => row.rules).map(escaped)
  const behindIt = `${everywhere}${rules.length === 0 ? '' : cited.replace('<rule>', `(?:${rules.join('|')})`)}`
  const of = (text: string): string => `${text.replace('<thing>', thing)}${behindIt}`
  const forbidding =
    forbids.length === 0
      ? []
      : [
          ...hard.map((text) => make(`${of(text)}${instead}`, false)),
          ...soft.map((text) => make(`${of(text)}${instead}`, true)),
          make(
            `${demand}use (?<before>${otherThing}) (?:instead of|rather than|over|not|never) ${of(`${article}<thing>`)}`,
            false,
          ),
          make(`prefer (?<before>${otherThing}) (?:instead of|rather than|over|to) ${of(`${article}<thing>`)}`, true),
        ]
  return [...forbidding, ...demands.map((text) => make(`${demand}${text}${behindIt}`, false))]
})

/**
 * What a clause demands, when a row of the table reads it whole: a word that no row knows may be an exception, a condition, a second
 * demand or a negation, and then nothing is known.
 */
export function meaningOf(clause: string): Said | null {
  const text = plain(clause)
  for (const { meaning, isSoft, expression } of forms) {
    const found = expression.exec(text)
    if (found === null) continue
    const { after, alone, before } = found.groups ?? {}
    return { meaning, isSoft, alternative: after ?? alone ?? before ?? null }
  }
  return namedMeaning(text)
}

/** Lower case but for code; one blank between words; no full stop at the end. */
export function plain(clause: string): string {
  return (
    clause
      .replaceAll(/[\u2018\u2019]/g, "'")
      .replaceAll(/\s+/g, ' ')
      .trim()
      // A word in quotes is code as one in backticks is, and how much a sentence matters is no part of what it says.
      .replaceAll(/(?<![\w`])"([\w.@-]+)"(?![\w`])/g, '`$1`')
      .replace(/^(?:important|critical|mandatory|required|rule): /i, '')
      .replace(/[.!;]+$/, '')
      .replaceAll(/`[^`]*`|[^`]+/g, (part) => (part.startsWith('`') ? part : part.toLowerCase()))
  )
}
