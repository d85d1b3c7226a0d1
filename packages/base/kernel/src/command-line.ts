import { CoxError } from './cox-error.ts'

/** Splits `npm run "my script"` into its arguments: quotes and backslashes as in a shell, and nothing else of a shell. @throws CoxError COMMAND_LINE_INVALID */
export function parseCommandLine(text: string): string[] {
  const words: string[] = []
  let word: string | null = null
  let quote: string | null = null
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (quote !== null) {
      if (char === quote) quote = null
      else if (char === '\\' && quote === '"' && '"\\'.includes(text.charAt(at + 1))) word += text.charAt((at += 1))
      else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === '\\' && at + 1 < text.length) word = (word ?? '') + text.charAt((at += 1))
    else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else if (';|&<>`$()'.includes(char)) throw invalid(text, `"${char}" means something to a shell only`)
    else word = (word ?? '') + char
  }
  if (quote !== null) throw invalid(text, `the quote ${quote} is not closed`)
  if (word !== null) words.push(word)
  if (words.length === 0) throw invalid(text, 'it is empty')
  return words
}

function invalid(text: string, why: string): CoxError {
  return new CoxError('COMMAND_LINE_INVALID', `Cannot run the command line ${JSON.stringify(text)}: ${why}`, {
    hint: 'Commands run without a shell: write the program and its arguments, or put shell code in a script file.',
  })
}
