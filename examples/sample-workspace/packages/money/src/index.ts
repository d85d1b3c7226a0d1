/** Cents, so that sums are exact. */
export type Cents = number

export function formatCents(cents: Cents): string {
  const sign = cents < 0 ? '-' : ''
  const value = Math.abs(cents)
  return `${sign}${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`
}

export function receiptNumber(prefix: string): string {
  return prefix + '-' + new Date().getTime().toString(36)
}
