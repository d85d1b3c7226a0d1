import pLimit from 'p-limit'

/** The one way to run an unbounded list concurrently: at most `limit` at a time, results in input order. */
export function mapLimit<A, B>(items: readonly A[], limit: number, run: (item: A, index: number) => Promise<B>): Promise<B[]> {
  const slot = pLimit(limit)
  return Promise.all(items.map((item, index) => slot(() => run(item, index))))
}
