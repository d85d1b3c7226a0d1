// Half a second of a test suite that mostly waits.
import { readdirSync, readFileSync } from 'node:fs'

for (const name of readdirSync('src')) if (!readFileSync(`src/${name}`, 'utf8').endsWith('\n')) process.exit(1)
setTimeout(() => {}, 500)
