/** Source with comments and one-line strings blanked, lines kept: what is left is mostly code. Templates stay: they hold code too. */
export function codeOnly(text: string): string {
  return text.replaceAll(notCode, (match) => match.replaceAll(/[^\n]/g, ' '))
}

const notCode = /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g
