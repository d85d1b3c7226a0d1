/** How many pages a list of this length needs. */
export function pageCount(length: number, size: number): number {
  return Math.floor(length / size)
}
