// node links.mjs <file>…: ends with 1 when a relative link leads nowhere.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

for (const file of process.argv.slice(2)) {
  for (const [index, text] of readFileSync(file, 'utf8').split('\n').entries()) {
    for (const [, target] of text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
      if (/^[a-z]+:/i.test(target) || existsSync(join(dirname(file), target))) continue
      console.log(`${file}:${index + 1} links to ${target}, which does not exist`)
      process.exitCode = 1
    }
  }
}
