import { expect, it } from 'vitest'
import { hasBlindSpot } from './has-blind-spot.ts'

it.each([
  ['const a: any = 1', true],
  ['let a: Map<string, unknown> = b', true],
  ['const run: (a: number) => any = b', true],
  ['const { a }: { a: unknown } = b', true],
  ['const [a]: any[] = b', true],
  ['var a!: any', true],
  ['try {} catch (error: unknown) {}', true],
  ['function f(...rest: any[]) {}', true],
  ['function f(this: any) {}', true],
  ['class A extends B<any> {}', true],
  ['type A<T extends unknown> = T', true],
  ['const a: { b: number } = { b: 1 }\nexport const c = (d: any) => d', true],
  ['function f(a: any) {}', false],
  ['const a = (b: unknown) => b', false],
  ['const company: string = anyone', false],
  ['const a: string = b\nfunction f(c: any): unknown {}', false],
  ['class A extends B {}\nfunction f(c: any) {}', false],
  ['// any\nexport const a = 1', false],
  ['', false],
])('%s: %s', (text, expected) => {
  expect(hasBlindSpot(text)).toBe(expected)
})
