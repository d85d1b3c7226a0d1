// node max-lines.mjs <most> <file>…: ends with 1 when a file is longer.
import { readFileSync } from 'node:fs'

const [most, ...files] = process.argv.slice(2)
for (const file of files) {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').length
  if (lines <= Number(most)) continue
  console.log(`${file}:${lines} has ${lines} lines, ${lines - Number(most)} more than ${most}`)
  process.exitCode = 1
}
