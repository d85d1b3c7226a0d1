/**
 * The line of a git setting that runs what another line runs, in a sandbox: `argv` starts a shell contained that evaluates the variable
 * `cox_driver`. What git puts in the place of `placeholders` goes there as a variable each, because git quotes a path for one shell only.
 */
export function containedLine(line: string, argv: readonly string[], placeholders: RegExp | null): string {
  const parts: string[] = []
  const values: string[] = []
  let from = 0
  for (const match of placeholders === null ? [] : line.matchAll(placeholders)) {
    parts.push(appendText(line.slice(from, match.index)))
    from = match.index + match[0].length
    if (match[0] === '%%') parts.push(appendText('%'))
    else parts.push(appendQuoted(values.push(match[0])))
  }
  parts.push(appendText(line.slice(from)))
  const script = `${quote}unset GIT_CONFIG_COUNT cox_driver; line=''\n${parts.join('')}exec /bin/sh -c "$line"`
  const escape = (text: string): string => (placeholders === null ? text : text.replaceAll('%', '%%'))
  const variables = values.map((value, at) => `export cox_value_${at + 1}=${value}; `).join('')
  return `${variables}${escape(`export cox_driver=${quoteForShell(script)}; exec ${argv.map(quoteForShell).join(' ')}`)}`
}

function appendText(text: string): string {
  return text === '' ? '' : `line=$line${quoteForShell(text)}\n`
}

function appendQuoted(number: number): string {
  return `quote "$cox_value_${number}"; line=$line$quoted\n`
}

/** As git does it. */
const quote = String.raw`quote() {
  quoted= rest=$1
  while :; do case $rest in
    *\'*) quoted=$quoted${'$'}{rest%%\'*}"'\\''" rest=${'$'}{rest#*\'} ;;
    *) quoted="'$quoted$rest'"; return ;;
  esac; done
}
`

export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
