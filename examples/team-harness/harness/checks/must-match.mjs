// node must-match.mjs <expression> <file>…: ends with 1 when a file lacks a line that matches.
import { readFileSync } from 'node:fs'

const [source = '', ...files] = process.argv.slice(2)
const expression = new RegExp(source, 'i')
for (const file of files) {
  const line = readFileSync(file, 'utf8').split('\n').findIndex((text) => expression.test(text))
  if (line !== -1) continue
  console.log(`${file}:1 has no line like ${source}`)
  process.exitCode = 1
}
