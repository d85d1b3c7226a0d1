import type { Site } from '../file-facts.ts'
import type { LineTable } from '../parse/line-table.ts'

/** Numbers that identify a person or an account and prove themselves by their check digits, and mail addresses of real domains. */
export function findPersonalData(text: string, lines: LineTable): Site[] {
  const found = [
    ...matches(text, cardShape, isCard, 'payment card'),
    ...matches(text, accountShape, isBankAccount, 'bank account'),
    ...addresses(text),
  ]
  return found.map(({ detail, at }) => {
    const line = lines.lineAt(at)
    return {
      kind: 'personal-data',
      line,
      column: lines.columnAt(at),
      detail,
      isGuarded: false,
      print: lines.printOf(line),
    }
  })
}

interface Found {
  readonly detail: string
  readonly at: number
}

const cardShape = /(?<![\w.-])(?:4\d{3}|5[1-5]\d{2}|3[47]\d{2}|6011)([ -]?)\d{4}\1\d{4}\1\d{3,4}(?![\w.-])/g
const accountShape = /(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![\w-])/g

function matches(text: string, shape: RegExp, isReal: (text: string) => boolean, detail: string): Found[] {
  return [...text.matchAll(shape)].filter((match) => isReal(match[0])).map((match) => ({ detail, at: match.index }))
}

/** Looks around each `@`: as one pattern over the whole text this costs more than the parse. */
function addresses(text: string): Found[] {
  const found: Found[] = []
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const user = /(?:^|[\s"'`<(:=])([\w.+-]{1,64})$/.exec(text.slice(Math.max(0, at - 66), at))?.[1]
    if (user === undefined) continue
    const domain = /^@([a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,12})(?=$|[\s"'`>),;])/i.exec(text.slice(at, at + 120))?.[1]
    if (domain !== undefined && isPersonalAddress(user, domain)) found.push({ detail: 'mail address', at: at - user.length })
  }
  return found
}

/** Numbers that the card networks publish for tests. */
const testCards = /^(?:4242|4111111111111111|4000|5555|5105|3782|3714|6011(?:111|000)|5200|4532015112830366|5425233430109903)/

function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  if (digits.length < 15 || testCards.test(digits) || /^(\d)\1+$/.test(digits)) return false
  let sum = 0
  for (const [index, digit] of digits.split('').toReversed().entries()) {
    const value = Number(digit) * (index % 2 === 1 ? 2 : 1)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

function isBankAccount(text: string): boolean {
  const account = text.replaceAll(' ', '')
  if (account.length < 15 || account.length > 34) return false
  let remainder = 0
  for (const character of account.slice(4) + account.slice(0, 4))
    for (const digit of Number.parseInt(character, 36).toString()) remainder = (remainder * 10 + Number(digit)) % 97
  return remainder === 1
}

function isPersonalAddress(user: string, domain: string): boolean {
  const isReserved =
    /(?:^|\.)(?:example|test|invalid|localhost|local|acme|foo|bar|domain|company|email|mail|site|x|y|a|b)\.[a-z]+$|\.(?:test|example|invalid|local|png|jpg|svg|js|ts)$/i.test(
      domain,
    )
  const isRole = /no[._-]?reply|support|info|admin|test|user|foo|bar|john|jane|doe|git|bot|hello|contact|security/i.test(user)
  return !isReserved && !isRole && /^[a-z]+[._][a-z]+$/i.test(user)
}
