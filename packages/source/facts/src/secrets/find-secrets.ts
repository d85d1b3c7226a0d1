import type { Site } from '../file-facts.ts'
import type { LineTable } from '../parse/line-table.ts'
import { findTokenSpans } from './find-token-spans.ts'
import { loadSecretRules, type SecretRule } from './load-secret-rules.ts'

/** Credentials in a text, by gitleaks' rules. The value itself never leaves this function. */
export function findSecrets(text: string, lines: LineTable): Site[] {
  const found = new Map<number, Site>()
  for (const span of findTokenSpans(text)) {
    const window = text.slice(span.start, span.end)
    const lower = window.toLowerCase()
    if (!loadSecretRules().anyKeyword.test(lower)) continue
    const place = { window, isCutBefore: isWord(text, span.start - 1), isCutAfter: isWord(text, span.end) }
    for (const rule of loadSecretRules().rules) {
      if (!rule.keywords.some((keyword) => lower.includes(keyword))) continue
      const at = matchRule(rule, place)
      if (at !== null) keepFirst(found, { offset: span.start + at, rule, lines })
    }
  }
  return [...found.values()]
}

interface Window {
  readonly window: string
  /** Whether a word goes on outside: what looks like its beginning or end is none. */
  readonly isCutBefore: boolean
  readonly isCutAfter: boolean
}

function isWord(text: string, at: number): boolean {
  return /[\w+/=-]/.test(text.charAt(at))
}

function matchRule(rule: SecretRule, { window, isCutBefore, isCutAfter }: Window): number | null {
  rule.pattern.lastIndex = 0
  for (let match = rule.pattern.exec(window); match !== null; match = rule.pattern.exec(window)) {
    const end = match.index + match[0].length
    const secret = match.slice(1).find((group) => group !== undefined && group !== '') ?? match[0]
    const at = match.index + match[0].indexOf(secret)
    const isCut = (isCutBefore && at === 0) || (isCutAfter && end === window.length)
    if (!isCut && isIssued(secret, rule)) return at
    if (end === match.index) rule.pattern.lastIndex++
  }
  return null
}

function isIssued(secret: string, rule: SecretRule): boolean {
  if (rule.entropy !== null && entropyOf(secret) < rule.entropy) return false
  if (rule.allow.some((pattern) => pattern.test(secret)) || isPlaceholder(secret)) return false
  const lower = secret.toLowerCase()
  return !rule.stopWords.some((word) => lower.includes(word))
}

/** A value nobody was issued: one repeated letter, an ascending run, or a word that says so. */
function isPlaceholder(secret: string): boolean {
  return /(.)\1{7}|x{5}|1234567890abcdef|abcdefghijkl|0123456789|example|placeholder|dummy|redacted|your[-_]|change[-_]?me|<[^>]*>|\$\{/i.test(
    secret,
  )
}

/** One place is one finding, even where a general and a special rule agree. */
function keepFirst(
  found: Map<number, Site>,
  place: { readonly offset: number; readonly rule: SecretRule; readonly lines: LineTable },
): void {
  const line = place.lines.lineAt(place.offset)
  if (found.has(line)) return
  const column = place.lines.columnAt(place.offset)
  found.set(line, {
    kind: 'secret',
    line,
    column,
    detail: place.rule.id,
    isGuarded: false,
    print: place.lines.printOf(line),
  })
}

/** Shannon entropy in bits per character. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}
