/** A short name of a thing: words that could say more than that are none. */
const saysMore =
  '(?:and|or|but|if|when|where|while|unless|except|only|not|no|never|for|in|on|at|outside|inside|with|without|to|from|always|also)'
const code = '`[^`]+`'
const word = `(?!${saysMore}\\b|instead\\b)(?:${code}|[a-z][\\w/-]*(?:'s)?)`

export const otherThing = `(?:(?:the|our|a|an) )?(?:${code} or ${code}|${word}(?: ${word}){0,2})`

/**
 * What is to be used in place of the thing, behind a sign that ends the clause before it. Behind a comma "use this" may be a second demand:
 * there it takes an "instead".
 */
export function insteadClause(): string {
  const sign = '(?:;|:| -| –| —)'
  const said = `${sign} (?:use|prefer) (?<after>${otherThing})(?: instead)?`
  return `(?:${said}|(?:,|${sign}) (?:(?:use|prefer) )?(?<alone>${otherThing}) instead)?`
}

export function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)
}
