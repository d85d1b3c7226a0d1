import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { must, sample } from './sample.ts'

// Inputs that are made to take long: from a half of a size to all of it, time may grow as the size does, and a third more. The time is that
// of the processor, without the start of the program: the least of three runs, or the one run where it takes long by itself.
const allowed = 1.3
const times = 3
const longMs = 4_000

interface Case {
  readonly name: string
  /** Of the larger input; the other one is a half of it. */
  readonly size: number
  readonly write: (root: string, size: number) => void
}

const repeat = (count: number, line: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => line(at)).join('')

const cases: readonly Case[] = [
  lineCase(
    'a line of a picture, with marks of keys',
    (n) => `export const a = "${repeat(n / 2_048, () => `${'Zm9vYmF6cXV4'.repeat(170)}AKIA`)}"\n`,
  ),
  lineCase(
    'a line of short tokens',
    (n) => `export const a = "${repeat(n / 24, (at) => `api_key=a1b2c3d4e5f6${at % 10}g7h8 `)}"\n`,
  ),
  lineCase('a line of casts and parses', (n) => repeat(n / 40, (at) => `export const a${at}=JSON.parse(b) as any;`)),
  lineCase('a type of a line', (n) => `export type A = [${repeat(n / 5, () => 'any, ')}any]\n`),
  lineCase('a document of brackets', (n) => '[('.repeat(n / 2), 'a.md'),
  lineCase('a component of imports without ends', (n) => 'import { '.repeat(n / 9), 'a.vue'),
  {
    name: 'one file with 100,000 imports',
    size: 100_000,
    write: (root, size) => {
      writeFileSync(
        join(root, 'index.ts'),
        repeat(size, (at) => `import { a${at} } from './lib${at % 50}.ts'\n`),
      )
      for (let at = 0; at < 50; at++)
        writeFileSync(
          join(root, `lib${at}.ts`),
          repeat(size / 50, (nth) => `export const a${nth * 50 + at} = 1\n`),
        )
    },
  },
  {
    name: '50,000 files',
    size: 50_000,
    write: (root, size) => {
      for (let at = 0; at < size; at++) {
        const folder = join(root, `f${at % 500}`)
        if (at < 500) mkdirSync(folder)
        writeFileSync(
          join(folder, `m${at}.ts`),
          `import { a${at + 1} } from '../f${(at + 1) % 500}/m${at + 1}.ts'\nexport const a${at} = a${at + 1}\n`,
        )
      }
      writeFileSync(join(root, `f${size % 500}`, `m${size}.ts`), `export const a${size} = 1\n`)
      writeFileSync(join(root, 'index.ts'), "import { a0 } from './f0/m0.ts'\nexport const a = a0\n")
    },
  },
  {
    name: '10,000 exports, none of them used',
    size: 10_000,
    write: (root, size) => {
      writeFileSync(join(root, 'index.ts'), "import { used } from './all.ts'\nexport const a = used\n")
      writeFileSync(
        join(root, 'all.ts'),
        `export const used = 1\n${repeat(size, (at) => `export const name${at} = [name${at}]\n`)}`,
      )
    },
  },
  {
    name: '10,000 names passed on in a chain of stars',
    size: 10_000,
    write: (root, size) => {
      for (let at = 0; at < 20; at++)
        writeFileSync(join(root, `s${at}.ts`), `export * from './s${at + 1}.ts'\nexport * from './t${at + 1}.ts'\n`)
      for (let at = 1; at <= 20; at++) writeFileSync(join(root, `t${at}.ts`), `export * from './s${at}.ts'\n`)
      writeFileSync(
        join(root, 's20.ts'),
        repeat(size, (at) => `export const name${at} = 1\n`),
      )
      writeFileSync(join(root, 'index.ts'), "import { name0 } from './s0.ts'\nexport const a = name0\n")
    },
  },
  {
    name: 'a nesting of 5,000, told',
    size: 5_000,
    write: (root, size) => {
      writeFileSync(join(root, 'index.ts'), `export const a = ${'('.repeat(size)}1${')'.repeat(size)}\n`)
      writeFileSync(join(root, 'call.ts'), `export const a = ${'f('.repeat(size)}${')'.repeat(size)}\n`)
      writeFileSync(join(root, 'chain.ts'), `export const a = a${'.b()'.repeat(size)}\n`)
      writeFileSync(join(root, 'function.ts'), `${'function f() {'.repeat(size)}${'}'.repeat(size)}\n`)
      writeFileSync(join(root, 'data.json'), `${'['.repeat(size)}${']'.repeat(size)}\n`)
    },
  },
  {
    name: '10,000 dependencies, none of them used',
    size: 10_000,
    write: (root, size) => {
      const dependencies = Object.fromEntries(Array.from({ length: size }, (_, at) => [`pad-${at}`, '1']))
      writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'x', main: 'index.ts', dependencies }, null, 2))
      writeFileSync(join(root, 'index.ts'), 'export const a = 1\n')
    },
  },
]

function lineCase(name: string, text: (size: number) => string, file = 'index.ts'): Case {
  return { name: `${name} (to 2 MB)`, size: 2_000_000, write: (root, size) => writeFileSync(join(root, file), text(size)) }
}

/** Prints a line for each case as it ends, and a verdict. */
export function measureAdversarial(program: string, only: string | undefined, print: (line: string) => void): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'cox-adversarial-'))
  const chosen = cases.filter(({ name }) => only === undefined || name.includes(only))
  const startedAt = performance.now()
  try {
    const root = join(folder, 'w')
    const start = withInput({ root, size: 1, entry: empty }, () => leastOf(program, root))
    print(`time of the processor, less the start of the program (${start.toFixed(0)} ms)`)
    print(`${'case'.padEnd(52)} ${'half'.padStart(10)} ${'all'.padStart(10)}  growth`)
    const failed = chosen.filter((entry, index) => {
      tell(`${index + 1} of ${chosen.length}: ${entry.name}`)
      const row = measureCase(program, { root, entry, start })
      print(
        `${entry.name.padEnd(52)} ${ms(row.half)} ${ms(row.full)}  ${row.growth.toFixed(2)} x linear  ${row.isGood ? 'pass' : 'FAIL'}`,
      )
      return !row.isGood
    })
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0)
    const verdict =
      failed.length === 0 ? `all grow at most ${allowed} times as linear` : `${failed.length} grow faster than they may`
    print(`${chosen.length} cases in ${seconds} s: ${verdict}`)
    return failed.length === 0
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function ms(time: number): string {
  return `${time.toFixed(0).padStart(7)} ms`
}

/** For whoever waits; the table alone goes to stdout. */
function tell(line: string): void {
  process.stderr.write(`  … ${line}\n`)
}

const empty: Case = { name: 'start', size: 1, write: (root) => writeFileSync(join(root, 'index.ts'), 'export const a = 1\n') }

/** A difference so small is that of two runs of the same. */
const noise = 200

interface Row {
  readonly half: number
  readonly full: number
  readonly growth: number
  readonly isGood: boolean
}

interface Asked {
  readonly root: string
  readonly entry: Case
  readonly start: number
}

/** A case that fails is measured once more: what others do on the machine only adds to a time. */
function measureCase(program: string, { root, entry, start }: Asked): Row {
  const look = (size: number): number => Math.max(1, withInput({ root, entry, size }, () => leastOf(program, root)) - start)
  const sizes = [Math.round(entry.size / 2), entry.size] as const
  const first = rowOf(look(sizes[0]), look(sizes[1]))
  if (first.isGood) return first
  tell(`${entry.name}: ${first.growth.toFixed(2)} x linear, once more`)
  return rowOf(Math.min(first.half, look(sizes[0])), Math.min(first.full, look(sizes[1])))
}

function rowOf(half: number, full: number): Row {
  const growth = full / half / 2
  return { half, full, growth, isGood: growth <= allowed || full - half < noise }
}

interface Input {
  readonly root: string
  readonly entry: Case
  readonly size: number
}

function withInput({ root, entry, size }: Input, use: () => number): number {
  mkdirSync(root)
  try {
    writeFileSync(join(root, 'package.json'), '{ "name": "x", "main": "index.ts" }\n')
    entry.write(root, size)
    // Files that git does not know yet are checked like those it knows, and need no objects.
    must('git', ['init', '-q', root])
    return use()
  } finally {
    rmSync(root, { recursive: true })
  }
}

function leastOf(program: string, root: string): number {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < times; run++) {
    least = Math.min(least, sample(process.execPath, [program, 'check', '-C', root, '--no-cache']).cpuMs)
    if (least > longMs) break
  }
  return least
}
