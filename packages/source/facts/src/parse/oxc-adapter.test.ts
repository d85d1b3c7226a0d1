import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { extractFacts } from '../extract/extract-facts.ts'

// Published sources of packages that are installed anyway: code nobody wrote for this test.
const require = createRequire(import.meta.url)
const folders = ['zod', 'yaml'].map((name) => findPackage(name))

describe('lazy trees, which the parser does not document, agree with its public interface', () => {
  it.each(folders)('over %s', (folder) => {
    const files = sourcesOf(folder)
    expect(files.length).toBeGreaterThan(20)
    for (const file of files) {
      const content = readFileSync(file)
      expect({ file, facts: extractFacts(file, content) }).toEqual({
        file,
        facts: extractFacts(file, content, { mode: 'eager' }),
      })
    }
  })

  it.each([
    [
      'default exports of every form',
      'export default function () {}\nexport { default as one } from "./one.ts"\nexport { two as default } from "./two.ts"\n',
    ],
    [
      'namespaces and types',
      'import * as all from "a"\nimport type { T } from "b"\nimport { type U, v } from "c"\nexport type { T, U }\nexport * from "d"\nexport * as e from "e"\nexport { v, all }\n',
    ],
    [
      'names that are words of the language, in lists of every form',
      'import { a, type B, type C as D, type as E, type as as F, type as as, default as G } from "x"\nimport { type } from "y"\nimport {} from "./z"\nimport type { H } from "./z"\nimport type from "./z"\nexport { a, type B2, type as as F2, default as G2, H as default, type as, } from "./x"\nexport type { I, J as K } from \'y\' with { type: "json" }\nexport { /* no */ L } from "y"\nexport {}\nexport { a as "in quotes", E }\nexport { M } from "\\x61"\nexport\n{ N } from "y"\n',
    ],
    [
      'exported declarations of every form',
      'export const a = 1, b = 2\nexport const { c, d: [e] } = a\nexport const f: number = 1\nexport let g\nexport var $h = 1\nexport async function i() {}\nexport function* j() {}\nexport function k(l: string): void\nexport function k(l: any) {}\nexport const enum M { n }\nexport enum O {}\nexport declare const p: number\nexport declare class Q {}\nexport class R<T> {}\nexport abstract class S {}\nexport interface U {}\nexport type V = 1\nexport type type = 2; export  type  W<X> = X\nexport namespace Y { export const inner = 1 }\nexport import z = require("./z")\nexport const \\u0061a = 1, é = 2\nexport const aé = 3\nexport async  function  ab() {}\n',
    ],
    [
      'text outside ASCII before every offset',
      '// é漢😀\nimport { ä as b } from "./é.ts"\nexport const 名 = (x: any) => JSON.parse(b as string) as T\n',
    ],
    ['a byte order mark and CRLF', '\uFEFFimport { a } from "a"\r\nexport const b = a as unknown as string\r\n'],
    [
      'loops, awaits and catches',
      'export async function f(list: string[]) {\n  for (const item of list) {\n    try {\n      await item\n    } catch {}\n  }\n  while (true) await 1\n}\n',
    ],
    [
      'decorators, enums and abstract classes',
      'enum E { A }\nexport abstract class C { abstract m(): any; @d() n(x: number): void { console.log(x) } }\n',
    ],
    ['syntax that breaks off', 'export const a = 1\nexport const b = (\n'],
  ])('on %s', (_, text) => {
    const content = Buffer.from(text)
    expect(extractFacts('a.ts', content)).toEqual(extractFacts('a.ts', content, { mode: 'eager' }))
  })
})

function findPackage(name: string): string {
  let at = dirname(require.resolve(name))
  while (
    !readdirSync(at).includes('package.json') ||
    !readFileSync(join(at, 'package.json'), 'utf8').includes(`"name": "${name}"`)
  )
    at = dirname(at)
  return at
}

function sourcesOf(folder: string): string[] {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?tsx?$|\.js$/.test(name))
    .map((name) => join(folder, name))
  return found
    .filter((path) => statSync(path).size < 200_000)
    .toSorted()
    .slice(0, 250)
}
