import { measureNesting } from './measure-nesting.ts'

/**
 * Why a text must not be given to the parser: it descends into each level of a text by a call, and native code that runs out of
 * stack takes the whole program with it. Null for nearly all: those cost one look at each character.
 */
export function findDeepNesting(text: string): string | null {
  if (text.length < deepest || !mayBeDeep(text)) return null
  const depth = measureNesting(text, { deepest, longestChain })
  return depth < deepest ? null : `is nested more than ${deepest} levels deep: no parser here reads that`
}

/** A parser on a thread ends at some eight hundred levels, and code that anyone writes has less than a hundred. */
const deepest = 400
/** Signs and words that open a level without a bracket, one after the other: there the parser comes ten times as far. */
const longestChain = 4_000

const [opening, closing, sign] = [1, 2, 3]
const kinds = new Uint8Array(128)
for (const character of '([{') kinds[character.charCodeAt(0)] = opening
for (const character of ')]}') kinds[character.charCodeAt(0)] = closing
for (const character of '?:=!~<-*') kinds[character.charCodeAt(0)] = sign

/** Counted in strings and comments too: what is told apart only where it matters. */
function mayBeDeep(text: string): boolean {
  let [depth, signs] = [0, 0]
  for (let at = 0; at < text.length; at++) {
    const kind = kinds[text.charCodeAt(at)]
    if (kind === opening) {
      if (++depth >= deepest) return true
    } else if (kind === closing) {
      if (depth > 0) depth--
    } else if (kind === sign && ++signs >= longestChain) return true
  }
  return text.length >= longestChain * 3 && hasManyWords(text)
}

function hasManyWords(text: string): boolean {
  let count = 0
  for (const _ of text.matchAll(/\b(?:else|await|typeof|new|void|delete|yield|keyof|as|satisfies|instanceof)\b/g))
    if (++count >= longestChain) return true
  return false
}
