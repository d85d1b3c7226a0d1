/** Which exemptions a text holds; handed in by whoever knows their forms. */
export interface ExemptionTest {
  /** What stands in every file that holds an exemption in a comment. */
  readonly mark: string
  readonly exemptionsIn: (path: string, text: string) => readonly StatedExemption[]
}

interface StatedExemption {
  /** What stays the same when it moves. */
  readonly key: string
  readonly detail: string
  readonly why: string
}

export interface Exempted {
  readonly file: string
  readonly detail: string
  readonly why: string
}

/** A file before and after; null where it is not there. */
export interface Texts {
  readonly path: string
  readonly was: string | null
  readonly now: string | null
}

/** Exemptions that were not there before, in any of the files; what is said alike of one file is said once, with its count. */
export function exemptedBetween(texts: readonly Texts[], { exemptionsIn }: ExemptionTest): Exempted[] {
  const left = new Map<string, number>()
  for (const { path, was } of texts)
    for (const { key } of was === null ? [] : exemptionsIn(path, was)) left.set(key, (left.get(key) ?? 0) + 1)
  const fresh = texts.flatMap(({ path, now }) =>
    (now === null ? [] : exemptionsIn(path, now)).flatMap(({ key, detail, why }): Exempted[] => {
      const count = left.get(key) ?? 0
      left.set(key, count - 1)
      return count > 0 ? [] : [{ file: path, detail, why }]
    }),
  )
  return [...Map.groupBy(fresh, (one) => JSON.stringify(one)).values()].flatMap((alike) => {
    const [first] = alike
    if (first === undefined) return []
    return [alike.length === 1 ? first : { ...first, detail: `${first.detail}, ${alike.length} times` }]
  })
}
