export interface TailBuffer {
  readonly add: (chunk: Buffer) => void
  text(): string
  isTruncated(): boolean
}

/** Keeps the last `capacity` bytes of a stream. */
export function createTailBuffer(capacity: number): TailBuffer {
  let chunks: Buffer[] = []
  let size = 0
  let dropped = false
  return {
    add: (chunk) => {
      chunks.push(chunk)
      size += chunk.length
      if (size > capacity * 2) {
        chunks = [Buffer.concat(chunks).subarray(-capacity)]
        size = capacity
        dropped = true
      }
    },
    text: () => {
      const all = Buffer.concat(chunks)
      if (all.length <= capacity) return all.toString('utf8')
      dropped = true
      return all.subarray(-capacity).toString('utf8')
    },
    isTruncated: () => dropped || size > capacity,
  }
}
