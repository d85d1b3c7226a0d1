import type { InstructionDocument } from '../read/read-documents.ts'
import { ownerFolder } from '../read/rule-scope.ts'
import type { Statement } from '../read/read-statements.ts'

/** Words that say nothing about where or when a sentence holds. */
const neutral = new Set(
  `a all also always an and apply are as avoid be best bugs clean code coding conventions convention core critical design dev developer development do don't donts dos dont
  engineering error errors exports export every follow following for forbidden format formatting general good guide guideline guidelines hard house
  imports import important in instructions javascript js keep key language lint linting list mandatory modules module must naming never no not note notes of our
  these those this the they things patterns pattern practices practice prefer principles principle project prohibited quality quick readability remember repo repository
  required requirements rule rules safety should standard standards strict style styles style guide syntax to ts type types typescript typing we write writing you your agents agent ai
  when-in-doubt please are below here`
    .split(/\s+/)
    .filter((word) => word !== ''),
)

/** What narrows a document as a whole, when its title says so. */
const narrowing =
  /\b(?:tests?|testing|specs?|e2e|front-?end|back-?end|mobile|server|client|scripts?|migrations?|examples?|legacy|css|sql|python|rust|java|ruby|php|go|react|vue|svelte|angular|components?|storybook|ci|only|when|if|sandbox|playground|prototypes?)\b/i

const exception =
  /\b(?:except(?:ions?|ing)?|exempt(?:ed|ion)?|unless|excluding|other than|apart from|does not apply|do not apply|don['’]t apply|is (?:fine|ok|okay|allowed|acceptable|permitted)|are (?:fine|ok|okay|allowed|acceptable|permitted)|may (?:still )?(?:be )?use[d]?|can (?:still )?be used)\b/i
const pointing = /\b(?:above|below|previous|preceding|following|these|those|this|that|rules?|it)\b/i

/** Why the words around a sentence keep it where it is; null where they say nothing about it. */
export function boundBy(
  statement: Statement,
  {
    document,
    documents,
    token,
  }: { readonly document: InstructionDocument; readonly documents: readonly InstructionDocument[]; readonly token: string },
): string | null {
  if (statement.standing.kind === 'bound') return statement.standing.why
  const narrow = statement.headings.find((heading, index) => !isNeutral(heading, { document, isFirst: index === 0 }))
  if (narrow !== undefined) return `its heading "${clip(narrow)}" may say when it holds`
  if (!saysNothing(statement.standing.lead)) return 'the words that open its list may say when it holds'
  const near = sectionOf(statement, document).find((text) => exception.test(text) && pointing.test(text))
  if (near !== undefined) return `an exception stands beside it: "${clip(near)}"`
  for (const { file, instructions } of documents) {
    const found = instructions.passages.find(
      (passage) =>
        !isItself(passage, { statement, file: file.path }) && exception.test(passage.text) && names(passage.text, token),
    )
    if (found !== undefined) return `${file.path}:${found.line} speaks of an exception`
  }
  return null
}

function isItself(passage: { readonly line: number }, at: { readonly statement: Statement; readonly file: string }): boolean {
  return at.file === at.statement.file && passage.line === at.statement.line
}

function names(text: string, token: string): boolean {
  const escaped = token.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(`(?<![\\w$])${escaped}(?![\\w$])`, 'i').test(text)
}

function isNeutral(
  heading: string,
  { document, isFirst }: { readonly document: InstructionDocument; readonly isFirst: boolean },
): boolean {
  if (saysNothing(heading, ownNames(document))) return true
  // A title names the whole, and what it is about is every file there.
  const isTitle = isFirst && document.instructions.titles.length === 1 && document.instructions.titles[0] === heading
  return isTitle && !narrowing.test(heading)
}

/** "Conventions (shop-specific)" in the folder `shop` is about that folder, as every word there is. */
function ownNames({ file }: InstructionDocument): ReadonlySet<string> {
  const folder = ownerFolder(file.path)
  return new Set(folder === '' ? [] : ['specific', ...(folder.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])])
}

function saysNothing(text: string, own: ReadonlySet<string> = new Set()): boolean {
  const words =
    text
      .toLowerCase()
      .replaceAll('’', "'")
      .match(/[\p{L}\p{N}']+/gu) ?? []
  return words.every((word) => neutral.has(word) || own.has(word))
}

/** The other paragraphs between the headings around it. */
function sectionOf(statement: Statement, { instructions }: InstructionDocument): string[] {
  const heads = instructions.headingLines
  const start = heads.findLast((line) => line <= statement.line) ?? 0
  const end = heads.find((line) => line > statement.line) ?? Number.POSITIVE_INFINITY
  return instructions.passages.filter(({ line }) => line > start && line < end && line !== statement.line).map(({ text }) => text)
}

function clip(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}
